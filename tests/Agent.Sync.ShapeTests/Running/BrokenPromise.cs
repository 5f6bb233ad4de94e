namespace Agent.Sync.ShapeTests.Running;

/// <summary>What a trial found.</summary>
/// <param name="Promise">Which promise, in a word or two.</param>
/// <param name="Report">What was expected and what came, the shape and its history, and how to run it again.</param>
internal sealed record BrokenPromise(string Promise, string Report);
