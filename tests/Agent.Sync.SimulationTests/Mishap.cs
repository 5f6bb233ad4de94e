namespace Agent.Sync.SimulationTests;

/// <summary>What happens to a process of a two-way run.</summary>
internal enum Mishap
{
    None,

    /// <summary>Killed in the middle of a store call, before or after its effect.</summary>
    KilledInCall,

    /// <summary>Killed at any time.</summary>
    Killed,

    /// <summary>Paused until others may have taken over.</summary>
    Paused,

    /// <summary>Cancelled by the app, inside any call to the outside.</summary>
    Cancelled,

    /// <summary>One store call fails, before or after its effect.</summary>
    StoreFailsOnce,

    /// <summary>From one store call on, all fail: the disk is full.</summary>
    StoreFails,

    /// <summary>The app's callbacks throw: progress always, the resolver now and then.</summary>
    AppThrows,

    /// <summary>The session is another user's from some request on.</summary>
    UserSwitches,

    /// <summary>There is no session any more from some request on, or asking for it fails.</summary>
    SessionEnds,

    /// <summary>A second engine syncs the same files at the same time.</summary>
    SecondEngine,

    /// <summary>The power goes, and what was written last is gone too.</summary>
    PowerCut,
}
