namespace Agent.Sync.Testing;

/// <summary>One case of a conformance suite, for any test framework that can run a list.</summary>
/// <typeparam name="TSuite">The suite.</typeparam>
/// <param name="Name">The case's name; reads as a sentence.</param>
/// <param name="RunAsync">Runs the case on a fresh suite, that is, on an empty store. Throws <see cref="ConformanceException"/> when the store is wrong.</param>
public sealed record ConformanceCase<TSuite>(string Name, Func<TSuite, Task> RunAsync)
{
    /// <summary>Returns <see cref="Name"/>.</summary>
    /// <returns>The case's name.</returns>
    public override string ToString() => Name;
}
