namespace Agent.Sync;

internal enum ConflictWinner
{
    Server,
    Local,
    Merged,
}
