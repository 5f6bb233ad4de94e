namespace Agent.Sync.Stores;

/// <summary>Which half of the outbox: writes go parents first, deletes the other way round.</summary>
public enum ChangePart
{
    /// <summary>Inserts and updates.</summary>
    Writes,

    /// <summary>Deletes.</summary>
    Deletes,
}
