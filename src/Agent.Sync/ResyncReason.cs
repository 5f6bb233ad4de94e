namespace Agent.Sync;

/// <summary>Why a saved position does not fit any more.</summary>
public enum ResyncReason
{
    /// <summary>The position fits.</summary>
    None,

    /// <summary>The project's URL changed.</summary>
    ProjectChanged,

    /// <summary>The role in the token changed.</summary>
    RoleChanged,

    /// <summary>The dataset's filter changed.</summary>
    FilterChanged,

    /// <summary>The dataset's key, cursor, version or deletion column, or its tables, changed.</summary>
    SchemaChanged,

    /// <summary>The local store is not the one the checkpoint was written for: it was deleted or replaced.</summary>
    StoreReplaced,

    /// <summary>The server's database was restored, replaced or its table truncated: its epoch is another one, or its horizon went back.</summary>
    EpochChanged,

    /// <summary>The position is older than the tombstones that the server still keeps, so deletes may have been missed.</summary>
    TombstonesPurged,

    /// <summary>The position is ahead of the server's clock, which was ahead itself when the position was taken, or was set back since: rows written meanwhile would not be found.</summary>
    PositionAhead,
}
