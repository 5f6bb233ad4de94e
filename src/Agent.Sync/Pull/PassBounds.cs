using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>How far a pass reads, and how far the durable position may follow: numbers on the line of the <c>UpdatedAt</c> or sequence column.</summary>
internal abstract class PassBounds
{
    /// <summary>Gets the highest number up to which pages are read. One page above it is still delivered.</summary>
    public long Ceiling { get; protected set; }

    /// <summary>Gets the lowest number that may still appear among rows that were read already.</summary>
    public long Safe { get; protected set; }

    /// <summary>Gets <see cref="Safe"/> as the column's text.</summary>
    public string SafeText { get; protected set; } = string.Empty;

    /// <summary>Gets the server's time that the bounds stand for; null where the position is a time itself.</summary>
    public virtual DateTimeOffset? Time => null;

    /// <summary>Sets the bounds from an answer, where they depend on one. Only the first answer of a pass counts.</summary>
    /// <exception cref="SyncProtocolException">The answer lacks what the bounds need.</exception>
    public abstract void SetFrom(PulledPage page);

    /// <summary>Tells whether a position is ahead of the server's present at the time of an answer: rows that are written from then on would come before it.</summary>
    /// <exception cref="SyncProtocolException">The answer's time cannot be the present.</exception>
    public virtual bool IsAhead(long position, PulledPage page) => false;

    /// <summary>Returns how far the durable position is behind the server's clock.</summary>
    public abstract TimeSpan AgeOf(CheckpointState state);
}
