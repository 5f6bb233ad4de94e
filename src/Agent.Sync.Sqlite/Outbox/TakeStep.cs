namespace Agent.Sync.Sqlite.Outbox;

/// <summary>What taking does to a change.</summary>
internal enum TakeStep
{
    /// <summary>It is in flight.</summary>
    Freeze,

    /// <summary>It was taken back and is forgotten; the row becomes what the server has.</summary>
    Drop,

    /// <summary>It cannot be sent as it is.</summary>
    Quarantine,

    /// <summary>It was in flight, and what was sent is lost.</summary>
    WaitAgain,
}
