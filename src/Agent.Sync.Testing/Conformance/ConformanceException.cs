namespace Agent.Sync.Testing;

/// <summary>A conformance case found that a store does not keep its contract.</summary>
public sealed class ConformanceException : Exception
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="message">What was expected and what was found.</param>
    public ConformanceException(string message)
        : base(message)
    {
    }
}
