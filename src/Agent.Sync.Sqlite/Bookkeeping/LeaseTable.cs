using Agent.Sync.Checkpoints;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Leases in their table. A released lease keeps its row, so that its fence is not used again. Writes run in the caller's transaction.</summary>
internal sealed class LeaseTable(SqliteDatabase database)
{
    public void RequireNewest(CheckpointSlot slot, Fence fence)
    {
        using var statement = database.Prepare("SELECT fence FROM agent_sync_lease WHERE slot = ?1");
        statement.Bind(1, slot.Id);
        var newest = statement.Step() ? statement.Int64(0) : 0;
        if (newest != fence.Value)
        {
            throw new SyncStoreException(
                SyncErrorKind.LeaseLost, "The lease went to another holder: this writer stops, and nothing of its last batch was kept.");
        }
    }

    public LeaseAnswer Acquire(LeaseRequest request)
    {
        var (fence, holder, expiresAt) = Read(request.Slot);
        if (holder == request.Owner)
        {
            return Grant(request, fence);
        }

        if (holder is not null && expiresAt > request.Now && !request.HolderIsGone(holder))
        {
            return new LeaseAnswer(Fence: null, holder, expiresAt);
        }

        return Grant(request, fence + 1);
    }

    public bool Renew(CheckpointSlot slot, Fence fence, DateTimeOffset expiresAt)
    {
        using var statement = database.Prepare(
            "UPDATE agent_sync_lease SET expires_at = ?3 WHERE slot = ?1 AND fence = ?2 AND machine IS NOT NULL");
        statement.Bind(1, slot.Id);
        statement.Bind(2, fence.Value);
        statement.Bind(3, expiresAt.UtcTicks);
        return statement.Run() == 1;
    }

    public void Release(CheckpointSlot slot, Fence fence)
    {
        using var statement = database.Prepare(
            "UPDATE agent_sync_lease SET machine = NULL, process_id = NULL, process_started = NULL, instance = NULL WHERE slot = ?1 AND fence = ?2");
        statement.Bind(1, slot.Id);
        statement.Bind(2, fence.Value);
        statement.Run();
    }

    private (long Fence, LeaseOwner? Holder, DateTimeOffset ExpiresAt) Read(CheckpointSlot slot)
    {
        using var statement = database.Prepare(
            "SELECT fence, machine, process_id, process_started, instance, expires_at FROM agent_sync_lease WHERE slot = ?1");
        statement.Bind(1, slot.Id);
        if (!statement.Step())
        {
            return (0, null, default);
        }

        var holder = !statement.IsNull(1) && Guid.TryParse(statement.Text(4), out var instance)
            ? new LeaseOwner(statement.Text(1), (int)statement.Int64(2), statement.Int64(3), instance)
            : null;
        return (statement.Int64(0), holder, new DateTimeOffset(statement.Int64(5), TimeSpan.Zero));
    }

    private LeaseAnswer Grant(LeaseRequest request, long fence)
    {
        var expiresAt = request.Now + request.TimeToLive;
        using var statement = database.Prepare(
            """
            INSERT OR REPLACE INTO agent_sync_lease (slot, fence, machine, process_id, process_started, instance, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """);
        statement.Bind(1, request.Slot.Id);
        statement.Bind(2, fence);
        statement.Bind(3, request.Owner.Machine);
        statement.Bind(4, request.Owner.ProcessId);
        statement.Bind(5, request.Owner.ProcessStarted);
        statement.Bind(6, request.Owner.Instance.ToString());
        statement.Bind(7, expiresAt.UtcTicks);
        statement.Run();
        return new LeaseAnswer(new Fence(fence), request.Owner, expiresAt);
    }
}
