using Agent.Sync.Sqlite.Database;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Checkpoints in their table. Writes run in the caller's transaction.</summary>
internal sealed class CheckpointTable(SqliteDatabase database, LeaseTable leases)
{
    /// <summary>How many cleared checkpoints of a slot are kept for inspection.</summary>
    private const int KeptAside = 5;

    public StoredCheckpoint? Read(CheckpointId slot)
    {
        using var statement = database.Prepare("SELECT revision, content FROM agent_sync_checkpoint WHERE slot = ?1");
        statement.Bind(1, slot.Id);
        if (!statement.Step())
        {
            return null;
        }

        if (!statement.IsInteger(0) || statement.Int64(0) is < 1 or long.MaxValue || !statement.IsBlob(1))
        {
            throw new SyncStoreException(
                SyncErrorKind.CheckpointRefused, "The checkpoint's row in agent_sync_checkpoint was changed by hand: reset the dataset.");
        }

        return new StoredCheckpoint(statement.Int64(0), statement.Blob(1));
    }

    public void Write(CheckpointWrite write)
    {
        leases.RequireNewest(write.Checkpoint, write.Fence);
        using var statement = database.Prepare(write.ExpectedRevision == 0
            ? "INSERT OR IGNORE INTO agent_sync_checkpoint (slot, revision, content) VALUES (?1, ?3 + 1, ?2)"
            : "UPDATE agent_sync_checkpoint SET revision = revision + 1, content = ?2 WHERE slot = ?1 AND revision = ?3");
        statement.Bind(1, write.Checkpoint.Id);
        statement.BindBlob(2, write.Content.Span);
        statement.Bind(3, write.ExpectedRevision);
        if (statement.Run() == 0)
        {
            throw new SyncStoreException(
                SyncErrorKind.CheckpointConflict, "Another writer moved the checkpoint in between: sync again, it goes on from there.", isTransient: true);
        }
    }

    public void Clear(CheckpointId slot, Fence fence)
    {
        leases.RequireNewest(slot, fence);
        Execute("INSERT INTO agent_sync_checkpoint_aside (slot, revision, content) SELECT slot, revision, content FROM agent_sync_checkpoint WHERE slot = ?1", slot);
        Execute("DELETE FROM agent_sync_checkpoint WHERE slot = ?1", slot);
        Execute(
            $"""
            DELETE FROM agent_sync_checkpoint_aside WHERE slot = ?1 AND id NOT IN (
                SELECT id FROM agent_sync_checkpoint_aside WHERE slot = ?1 ORDER BY id DESC LIMIT {KeptAside})
            """,
            slot);
    }

    private void Execute(string sql, CheckpointId slot)
    {
        using var statement = database.Prepare(sql);
        statement.Bind(1, slot.Id);
        statement.Run();
    }
}
