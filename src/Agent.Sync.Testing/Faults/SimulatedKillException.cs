namespace Agent.Sync.Testing;

/// <summary>The simulated process is dead. It reaches the test through whatever called into the dead process's world.</summary>
public sealed class SimulatedKillException : Exception
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="point">The named point of the kill.</param>
    public SimulatedKillException(string point)
        : base($"Killed at {point}.") => Point = point;

    /// <summary>Gets the named point of the kill.</summary>
    public string Point { get; }
}
