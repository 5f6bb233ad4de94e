using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>A refusal that is not settled before the push has come to its end.</summary>
/// <param name="Rejection">How it is settled if it stays.</param>
/// <param name="IsRows">Whether it can be the change's own: it was refused by itself, and not because other transactions or the server's state were in the way.</param>
/// <param name="Times">How often the change was refused.</param>
/// <param name="Key">The key of a new row that misses another one, as JSON; null for any other change.</param>
internal readonly record struct HeldRefusal(Settlement Rejection, bool IsRows, int Times = 1, string? Key = null)
{
    /// <summary>Gets a value indicating whether it came again: one bad answer is no row's fault.</summary>
    public bool Stays => Times > 1;
}
