namespace Agent.Sync;

/// <summary>Why a saved position is no longer valid.</summary>
public enum ResyncReason
{
    /// <summary>The position is valid.</summary>
    None,

    /// <summary>The project's URL changed.</summary>
    ProjectChanged,

    /// <summary>The role in the token changed.</summary>
    RoleChanged,

    /// <summary>The dataset's filter changed.</summary>
    FilterChanged,

    /// <summary>The dataset's key, UpdatedAt, version or deletion column, or its tables, changed.</summary>
    SchemaChanged,

    /// <summary>The local store is not the one the checkpoint was written for: it was deleted or replaced.</summary>
    StoreReplaced,

    /// <summary>The server's database was restored, replaced or its table truncated: its epoch changed, or its horizon went back.</summary>
    EpochChanged,

    /// <summary>The position is older than the tombstones that the server still keeps, so deletes may have been missed.</summary>
    TombstonesPurged,

    /// <summary>The position is ahead of the server's clock. That clock was ahead when the position was taken, or was set back since, and rows written meanwhile would not be found.</summary>
    PositionAhead,
}
