using System.Globalization;
using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync.SimulationTests;

/// <summary>The invariants, checked at every moment something becomes durable.</summary>
internal sealed class SimulationChecks(SimulatedDisk disk, SimulatedServer server, Action<string> trace) : ISimulationObserver
{
    private CheckpointState? _last;

    /// <summary>Gets the most key ranges that a checkpoint of a backfill had.</summary>
    public int MostRanges { get; private set; }

    /// <summary>Gets the most key ranges that a checkpoint of a resync had.</summary>
    public int MostRangesOfResync { get; private set; }

    /// <summary>Gets every checkpoint ever saved, for I9.</summary>
    public List<byte[]> Saved { get; } = [];

    public void Applied(ApplyBatch batch, ApplyResult result)
    {
        trace(string.Create(
            CultureInfo.InvariantCulture, $"apply {batch.Pages.Count} pages: {result.Applied}/{result.Unchanged}/{result.Deleted}"));
        if (batch.Checkpoint is { } write)
        {
            ((ISimulationObserver)this).Saved(write);
        }

        CheckReplay(batch);
    }

    void ISimulationObserver.Saved(CheckpointWrite write)
    {
        var state = Open(write);
        trace($"checkpoint {write.ExpectedRevision + 1} {state.Phase}");
        Saved.Add(write.Content.ToArray());
        CheckForward(state);
        CheckCovered(state);
        _last = state;
    }

    void ISimulationObserver.Swapped(GenerationSwap swap, SwapResult result)
    {
        trace(string.Create(CultureInfo.InvariantCulture, $"swap removed {result.Removed}"));
        if (swap.Checkpoint is { } write)
        {
            ((ISimulationObserver)this).Saved(write);
        }
    }

    /// <summary>Forgets the last checkpoint: an older one was put back on purpose.</summary>
    public void Rewound() => _last = null;

    private static long Micros(string text) =>
        TimestampText.TryParse(text, out var micros) ? micros : throw new InvalidOperationException();

    private CheckpointState Open(CheckpointWrite write)
    {
        var key = disk.Checkpoints.GetOrCreateKeyAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        return CheckpointCodec.Read(new ContentSeal([], key), write.Checkpoint, "artifacts", write.Content);
    }

    /// <summary>I7: the same batch again changes nothing.</summary>
    private void CheckReplay(ApplyBatch batch)
    {
        if (batch.Generation is not null || batch.Pages.Count == 0)
        {
            return;
        }

        var before = disk.Table("artifacts").Rows;
        disk.Local.ApplyAsync(batch with { Checkpoint = null }, CancellationToken.None).AsTask().GetAwaiter().GetResult();
        Assert.True(ReferenceEquals(before, disk.Table("artifacts").Rows), "A batch that was applied again changed rows.");
    }

    /// <summary>I4: the durable position never goes back.</summary>
    private void CheckForward(CheckpointState state)
    {
        if (_last is null || state.Generation != _last.Generation)
        {
            return;
        }

        Assert.True(state.Phase >= _last.Phase, "The phase went back.");
        if (state.SafePosition is { } settled && _last.SafePosition is { } before)
        {
            Assert.True(Micros(settled.CursorValue!) >= Micros(before.CursorValue!), "The safe position went back.");
        }

        if (state.Phase == SyncPhase.Backfill)
        {
            Assert.True(state.Ranges.Count(static range => range.To is null) <= 1, "Two ranges without an end overlap.");
            MostRanges = Math.Max(MostRanges, state.Ranges.Count);
            MostRangesOfResync = Math.Max(MostRangesOfResync, state.Generation is null ? 0 : state.Ranges.Count);
            foreach (var id in server.Rows.Visible(SimulatedWriters.Owner).Select(static row => row.Id))
            {
                Assert.True(UnreadKeys.Count(state, id) <= 1, "Two ranges overlap.");
                Assert.True(UnreadKeys.Count(state, id) <= UnreadKeys.Count(_last, id), "The backfill went back.");
            }
        }
    }

    /// <summary>I3: what the checkpoint covers is durably here, as it is on the server.</summary>
    private void CheckCovered(CheckpointState state)
    {
        long? safe = state.SafePosition is { } position ? Micros(position.CursorValue!) : null;
        long? mark = state.Mark is { } text ? Micros(text) : null;
        foreach (var row in server.Rows.Visible(SimulatedWriters.Owner))
        {
            var covered = safe is not null ? row.UpdatedAt < safe : mark is not null && row.UpdatedAt < mark && UnreadKeys.Count(state, row.Id) == 0;
            if (covered && !(row.IsDeleted && state.Generation is not null))
            {
                Assert.True(row.IsDeleted == disk.FindRow("artifacts", row.Id) is null, "The checkpoint passed a row that is not as it is on the server.");
            }
        }
    }
}
