using Agent.Sync.Checkpoints;

namespace Agent.Sync.Pull;

/// <summary>How far a pass reads, and how far the durable cursor may follow: numbers on the cursor column's line.</summary>
internal abstract class PassBounds
{
    /// <summary>Gets the highest number up to which pages are read on. One page above it is still delivered.</summary>
    public long Ceiling { get; protected set; }

    /// <summary>Gets the lowest number that may still appear among rows that are read already.</summary>
    public long Settled { get; protected set; }

    /// <summary>Gets <see cref="Settled"/> as the cursor column's text.</summary>
    public string SettledText { get; protected set; } = string.Empty;

    /// <summary>Gets the server's time that the bounds stand for; null where the cursor is a time itself.</summary>
    public virtual DateTimeOffset? Time => null;

    /// <summary>Takes from an answer what the bounds need of it. Only the first answer of a pass counts.</summary>
    /// <exception cref="SyncProtocolException">The answer lacks it.</exception>
    public abstract void See(PulledPage page);

    /// <summary>Tells whether a position lies ahead of the server's present, as an answer tells it: rows that are written from now on would come before it.</summary>
    /// <exception cref="SyncProtocolException">The answer's time cannot be the present.</exception>
    public virtual bool IsAhead(long position, PulledPage page) => false;

    /// <summary>Returns how far the durable cursor is behind the server's clock.</summary>
    public abstract TimeSpan AgeOf(CheckpointState state);
}
