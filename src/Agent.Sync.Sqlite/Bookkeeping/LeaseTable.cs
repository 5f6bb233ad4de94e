using Agent.Sync.Sqlite.Database;
using Agent.Sync.Stores;

namespace Agent.Sync.Sqlite.Bookkeeping;

/// <summary>Leases in their table. A released lease keeps its row, so that its fence is not used again. Writes run in the caller's transaction.</summary>
internal sealed class LeaseTable(SqliteDatabase database)
{
    public void RequireNewest(CheckpointId slot, Fence fence)
    {
        using var statement = database.Prepare("SELECT fence FROM agent_sync_lease WHERE slot = ?1");
        statement.Bind(1, slot.Id);
        var newest = statement.Step() ? FenceOf(statement) : 0;
        if (newest == 0 || newest != fence.Value)
        {
            throw new SyncStoreException(
                SyncErrorKind.LeaseLost, "The lease went to another holder, so nothing of the last batch was written. Sync again when the other holder is done.", isTransient: true);
        }
    }

    public LeaseAnswer Acquire(LeaseRequest request)
    {
        var (fence, holder, expiresAt) = Read(request.Checkpoint);
        if (holder == request.Owner)
        {
            return Grant(request, fence);
        }

        if (holder is not null && expiresAt > request.Now && !request.HolderIsGone(holder))
        {
            return new LeaseAnswer(Fence: null, holder, Shorten(request, fence, expiresAt));
        }

        return Grant(request, fence + 1);
    }

    public bool Renew(CheckpointId slot, Fence fence, DateTimeOffset expiresAt)
    {
        using var statement = database.Prepare(
            "UPDATE agent_sync_lease SET expires_at = ?3 WHERE slot = ?1 AND fence = ?2 AND machine IS NOT NULL");
        statement.Bind(1, slot.Id);
        statement.Bind(2, fence.Value);
        statement.Bind(3, expiresAt.UtcTicks);
        return statement.Run() == 1;
    }

    public void Release(CheckpointId slot, Fence fence)
    {
        using var statement = database.Prepare(
            "UPDATE agent_sync_lease SET machine = NULL, process_id = NULL, process_started = NULL, instance = NULL WHERE slot = ?1 AND fence = ?2");
        statement.Bind(1, slot.Id);
        statement.Bind(2, fence.Value);
        statement.Run();
    }

    private (long Fence, LeaseOwner? Holder, DateTimeOffset ExpiresAt) Read(CheckpointId slot)
    {
        using var statement = database.Prepare(
            "SELECT fence, machine, process_id, process_started, instance, expires_at FROM agent_sync_lease WHERE slot = ?1");
        statement.Bind(1, slot.Id);
        if (!statement.Step())
        {
            return (0, null, default);
        }

        return (FenceOf(statement), statement.IsNull(1) ? null : HolderOf(statement), ExpiryOf(statement));
    }

    private static long FenceOf(SqliteStatement statement) =>
        statement.IsInteger(0) && statement.Int64(0) is >= 0 and < long.MaxValue and var fence
            ? fence
            : throw BookkeepingFault.Damaged("agent_sync_lease", "With every engine stopped, run DELETE FROM agent_sync_lease.");

    // Of a holder that cannot be read nobody can say that it is gone: its lease lapses like any other.
    private static LeaseOwner HolderOf(SqliteStatement statement) =>
        statement.IsInteger(2) && statement.Int64(2) is > 0 and <= int.MaxValue and var process
        && statement.IsInteger(3)
        && Guid.TryParse(statement.Text(4), out var instance)
            ? new LeaseOwner(statement.Text(1), (int)process, statement.Int64(3), instance)
            : new LeaseOwner(string.Empty, 0, 0, Guid.Empty);

    private static DateTimeOffset ExpiryOf(SqliteStatement statement) =>
        statement.IsInteger(5) && statement.Int64(5) is >= 0 and var ticks && ticks <= DateTimeOffset.MaxValue.UtcTicks
            ? new DateTimeOffset(ticks, TimeSpan.Zero)
            : DateTimeOffset.MaxValue;

    /// <summary>A clock that jumped may have left an end in 100 years. Whoever lives renews in time.</summary>
    private DateTimeOffset Shorten(LeaseRequest request, long fence, DateTimeOffset expiresAt)
    {
        var longest = request.Now + request.TimeToLive;
        if (expiresAt <= longest)
        {
            return expiresAt;
        }

        Renew(request.Checkpoint, new Fence(fence), longest);
        return longest;
    }

    private LeaseAnswer Grant(LeaseRequest request, long fence)
    {
        var expiresAt = request.Now + request.TimeToLive;
        using var statement = database.Prepare(
            """
            INSERT OR REPLACE INTO agent_sync_lease (slot, fence, machine, process_id, process_started, instance, expires_at)
            VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)
            """);
        statement.Bind(1, request.Checkpoint.Id);
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
