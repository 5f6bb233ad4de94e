namespace Agent.Sync;

/// <summary>Who wins when a row was changed on both sides.</summary>
public enum ConflictPolicy
{
    /// <summary>The server's row replaces the local one. The default.</summary>
    ServerWins,

    /// <summary>The local row is written over the server's.</summary>
    LocalWins,

    /// <summary>The app decides, with <see cref="PushOptions.ConflictResolver"/>.</summary>
    Resolver,
}
