using Xunit.Sdk;
using Xunit.v3;

// A simulation uses every core by itself.
[assembly: Parallelization(Mode = ParallelMode.None)]
