namespace Agent.Sync.Tests.Attack;

/// <summary>One way to answer a request.</summary>
/// <param name="Name">What a failed test calls it.</param>
/// <param name="Play">Writes the answer.</param>
internal sealed record Strike(string Name, Func<Exchange, Task> Play)
{
    /// <summary>Gets a value indicating whether the answer is one that an honest server could give. What is believed then cannot be held against the client.</summary>
    public bool IsPlausible { get; init; }

    public override string ToString() => Name;
}
