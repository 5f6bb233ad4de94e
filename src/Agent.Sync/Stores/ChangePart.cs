namespace Agent.Sync.Stores;

/// <summary>The part of the outbox: writes are sent parents first, deletes children first.</summary>
public enum ChangePart
{
    /// <summary>Inserts and updates.</summary>
    Writes,

    /// <summary>Deletes.</summary>
    Deletes,
}
