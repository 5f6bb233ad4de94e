using System.Runtime.CompilerServices;

// The exit code is the verdict: an app that runs with a JIT has not tested what this project is for.
return RuntimeFeature.IsDynamicCodeSupported ? 1 : 0;
