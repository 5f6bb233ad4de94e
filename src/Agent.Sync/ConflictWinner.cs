namespace Agent.Sync;

internal enum ConflictWinner
{
    Server,
    Client,
    Merged,
}
