namespace Agent.Sync.ShapeTests.Running;

/// <summary>A promise that did not hold.</summary>
/// <param name="promise">Which one, in a word or two.</param>
/// <param name="message">What was expected, and what came.</param>
internal sealed class ShapeFailureException(string promise, string message) : Exception($"{promise}: {message}")
{
    public string Promise { get; } = promise;
}
