using Agent.Sync.Stores;

namespace Agent.Sync.Engine;

/// <summary>Finds the one store that keeps the checkpoints.</summary>
internal static class CheckpointStoreRule
{
    /// <exception cref="InvalidOperationException">There are two, or none.</exception>
    public static ICheckpointStore Choose(ILocalStore local, ICheckpointStore? given)
    {
        if (local is not ICheckpointStore own)
        {
            return given ?? throw new InvalidOperationException(
                $"{local.GetType().Name} keeps rows but no checkpoints: give the engine a checkpoint store too, "
                + $"{nameof(FileCheckpointStore)} to go on after a restart, or {nameof(InMemoryCheckpointStore)} to start over every time.");
        }

        if (given is not null && !ReferenceEquals(given, own))
        {
            throw new InvalidOperationException(
                $"{local.GetType().Name} keeps its checkpoints itself, in the same transaction as the rows. "
                + $"Remove the second checkpoint store, {given.GetType().Name}: a position in another place could run ahead of the rows.");
        }

        return own;
    }
}
