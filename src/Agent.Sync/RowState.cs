namespace Agent.Sync;

/// <summary>Where a row stands between the local store and the server.</summary>
public enum RowState
{
    /// <summary>It cannot be told, because the local store or the server could not be asked.</summary>
    Unknown,

    /// <summary>It is neither in the local store nor on the server, as far as the user can see.</summary>
    Absent,

    /// <summary>Both sides have the same version with the same values; or the row is soft-deleted on the server and removed locally.</summary>
    InStep,

    /// <summary>A local change of it waits to be sent.</summary>
    Waiting,

    /// <summary>A local change of it was sent, and the answer has not arrived.</summary>
    InFlight,

    /// <summary>A local change of it is in quarantine.</summary>
    Quarantined,

    /// <summary>The local table refuses the server's version of it.</summary>
    Parked,

    /// <summary>The server's version is newer, or new, and lies behind the safe position: the next run brings it.</summary>
    ServerIsNewer,

    /// <summary>The server's version is newer, or new, but lies before the safe position: no delta brings it, a full resync does.</summary>
    Missed,

    /// <summary>The server has the row, and the dataset's filter leaves it out.</summary>
    OutsideFilter,

    /// <summary>The server marked the row as deleted, or as gone from the user's view: the next run removes it.</summary>
    RemovedOnServer,

    /// <summary>The local row is not on the server, or the user may not see it there, and nothing says since when: a full resync removes it.</summary>
    NotOnServer,

    /// <summary>Both sides have the same version with different values, and no change is recorded.</summary>
    Differs,

    /// <summary>The local row has a newer version than the server: the server was set back, or answers from a replica.</summary>
    LocalIsNewer,
}
