namespace Agent.Sync.Testing.Faults;

internal enum FaultPhase
{
    GetPage,
    Apply,
    Checkpoint,
    Kill,
    Take,
    Settle,
}
