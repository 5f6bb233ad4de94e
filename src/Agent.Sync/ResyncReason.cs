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
}
