using Agent.Sync.Local;

namespace Agent.Sync.Push;

/// <summary>What the parts of one dataset's push have in common: each goes on from what those before it did.</summary>
internal sealed class PushSoFar
{
    public PushCounts Counts { get; } = new();

    /// <summary>Gets or sets the guard of the dataset's quarantine; null until something is sent.</summary>
    public QuarantineGuard? Quarantine { get; set; }

    /// <summary>Gets the changes that refer to a row that was not there when they were last sent, with the rejection that each gets if it never comes. They are in flight.</summary>
    public Dictionary<long, Settlement> Deferred { get; } = [];

    /// <summary>Gets or sets the share that the progress showed last.</summary>
    public double Fraction { get; set; }
}
