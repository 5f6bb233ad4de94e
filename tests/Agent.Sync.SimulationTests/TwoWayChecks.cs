using System.Globalization;
using System.Text;
using System.Text.Json;
using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync.SimulationTests;

/// <summary>The invariants of one device, checked at every moment something becomes durable on it.</summary>
internal sealed class TwoWayChecks(string name, string user, SimulatedDisk disk, TwoWayServer server, DevicePromises promises, Action<string> trace) : IChangeObserver
{
    private readonly Dictionary<long, (string Key, byte[] Row, long? Version)> _taken = [];
    private CheckpointState? _last;

    /// <summary>Gets or sets the dataset as the device's app knows it.</summary>
    public Dataset Dataset { get; set; } = server.Dataset;

    /// <summary>Gets or sets a value indicating whether the device has read everything again since a policy hid rows.</summary>
    public bool HasReadAgain { get; set; }

    /// <summary>Gets or sets how often the device was put back to a copy.</summary>
    public int Life { get; set; }

    /// <summary>Gets every checkpoint ever saved, for I9.</summary>
    public List<byte[]> Saved { get; } = [];

    public Dictionary<SettlementKind, int> Settlements { get; } = [];

    public void Applied(ApplyBatch batch, ApplyResult result)
    {
        trace(string.Create(CultureInfo.InvariantCulture, $"{name} applies {batch.Pages.Count} pages of {(batch.AreTombstones ? "Tombstones" : "Rows")}: {result.Applied}/{result.Unchanged}/{result.Deleted}"));
        if (batch.Checkpoint is { } write)
        {
            Saw(write);
        }

        if (batch.Generation is null && batch.Pages.Count > 0)
        {
            ChangesNothing(() => disk.Local.ApplyAsync(batch with { Checkpoint = null }, CancellationToken.None).AsTask());
        }
    }

    void ISimulationObserver.Saved(CheckpointWrite write) => Saw(write);

    public void Swapped(GenerationSwap swap, SwapResult result)
    {
        trace(string.Create(CultureInfo.InvariantCulture, $"{name} swap {(result.Refused ? "would have" : "has")} removed {result.Removed} of {result.LocalRows}"));

        // I23: no row is removed only because nothing was shown.
        Assert.True(result.Refused || !server.IsHidden || swap.MaxRemovedShare >= 1 || result.Removed * 2 <= result.LocalRows, "A resync removed rows that a policy hid.");
        if (!result.Refused && swap.Checkpoint is { } write)
        {
            Saw(write);
        }
    }

    public void Taken(TakeRequest request, ChangeBatch changes)
    {
        trace(string.Create(CultureInfo.InvariantCulture, $"{name} takes {changes.Count} {request.Part} after {request.After}"));
        Assert.Equal(disk.IsTogether, request.Lease is not null);
        Assert.Equal(changes.Count, changes.Changes.ToArray().DistinctBy(static change => KeyOf(change.Key)).Count());
        foreach (var change in changes.Changes.ToArray())
        {
            _taken[change.Id] = (KeyOf(change.Key), change.Row.ToArray(), long.TryParse(change.BaseVersion.Span, CultureInfo.InvariantCulture, out var version) ? version : null);
        }
    }

    public void Settled(SettlementBatch batch)
    {
        Assert.Equal(disk.IsTogether, batch.Lease is not null);
        foreach (var settlement in batch.Settlements)
        {
            Settlements[settlement.Kind] = Settlements.GetValueOrDefault(settlement.Kind) + 1;
            trace(string.Create(CultureInfo.InvariantCulture, $"{name} settles {settlement.Change} of {_taken[settlement.Change].Key} {settlement.Kind} {settlement.Code}"));
            if (settlement.Kind is SettlementKind.TakeServer or SettlementKind.TakeMerged)
            {
                promises.Release(_taken[settlement.Change].Key, _taken[settlement.Change].Row);
            }

            if (settlement.Kind is SettlementKind.TakeServer or SettlementKind.TakeMerged or SettlementKind.KeepLocal && _taken[settlement.Change] is { Version: { } version, Key: var key })
            {
                // A conflict takes two: an edit that meets nobody's write but the device's own was sent from an old base.
                Assert.True(server.WasWrittenByAnother(key, version, $"{name} of {Life}"), $"The edit of {key} from version {version} is in conflict with the device's own.");
            }
        }

        // I7, and so an answer that is written down twice does no harm.
        ChangesNothing(async () => await disk.Local.SettleAsync(batch, CancellationToken.None));
    }

    /// <summary>I6: what a run says is here up to a time is here, also what was committed late.</summary>
    public void CheckAsOf(DateTimeOffset? time)
    {
        if (time is null || (server.WasHidden && !HasReadAgain))
        {
            return;
        }

        var changed = ChangedKeys();
        foreach (var row in server.CommittedBefore(time.Value, user).Where(row => !changed.Contains(row.Id)))
        {
            Assert.True(
                row.IsDeleted ? disk.FindRow("artifacts", row.Id) is null : VersionOf(row.Id) >= row.Version,
                $"Everything before {time:O} is here, said the run, but not {row}: here is {disk.FindRow("artifacts", row.Id)}.");
        }
    }

    /// <summary>Forgets the last checkpoint: an older one was put back, or the file is gone.</summary>
    public void Rewound() => _last = null;

    private static string KeyOf(ReadOnlyMemory<byte> json)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty("id").GetString()!;
    }

    /// <summary>Reads a position of either grade.</summary>
    private static long Position(string text) =>
        long.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number
        : TimestampText.TryParse(text, out var micros) ? micros
        : throw new InvalidOperationException();

    private void ChangesNothing(Func<Task> again)
    {
        var before = disk.Table("artifacts");
        again().GetAwaiter().GetResult();
        var after = disk.Table("artifacts");
        Assert.True(ReferenceEquals(before.Rows, after.Rows), "What was done again changed rows.");
        Assert.True(ReferenceEquals(before.Changes, after.Changes) || before.Changes.SequenceEqual(after.Changes), "What was done again changed the outbox.");
    }

    private void Saw(CheckpointWrite write)
    {
        var key = disk.Checkpoints.GetOrCreateKeyAsync(CancellationToken.None).AsTask().GetAwaiter().GetResult();
        var state = CheckpointCodec.Read(new ContentSeal([], key), write.Checkpoint, "artifacts", write.Content);
        trace($"{name} checkpoint {write.ExpectedRevision + 1} {state.Grade} {state.Phase} up to {state.SafePosition?.CursorValue ?? state.Mark} and {state.SafeTombstonePosition?.CursorValue}");
        Saved.Add(write.Content.ToArray());
        CheckForward(state);
        if (!server.WasHidden || HasReadAgain)
        {
            CheckCovered(state);
            CheckBuried(state);
        }

        _last = state;
    }

    /// <summary>I4: the durable positions never go back.</summary>
    private void CheckForward(CheckpointState state)
    {
        if (_last is null || state.Generation != _last.Generation || state.Grade != _last.Grade)
        {
            return;
        }

        Assert.True(state.Phase >= _last.Phase, "The phase went back.");
        Assert.True(IsForward(_last.SafePosition, state.SafePosition), "The safe position went back.");
        Assert.True(IsForward(_last.SafeTombstonePosition, state.SafeTombstonePosition), "The tombstones' safe position went back.");

        static bool IsForward(CursorPosition? before, CursorPosition? after) =>
            before is null || after is null || Position(after.CursorValue!) >= Position(before.CursorValue!);
    }

    /// <summary>I3: what the checkpoint covers is durably here as it is on the server, or has a local change. What a resync finds gone stays readable until its swap.</summary>
    private void CheckCovered(CheckpointState state)
    {
        var changed = ChangedKeys();
        long? safe = state.SafePosition is { } position ? Position(position.CursorValue!) : null;
        long? mark = state is { Ranges.Count: > 0, Mark: { } text } ? Position(text) : null;
        foreach (var row in server.Rows.Visible(user))
        {
            var at = state.Grade == CompletenessGrade.Exact ? row.Sequence : row.UpdatedAt;
            var isCovered = safe is not null ? at < safe : mark is not null && at < mark && UnreadKeys.Count(state, row.Id) == 0;
            if (isCovered && !changed.Contains(row.Id) && !(row.IsDeleted && state.Generation is not null))
            {
                Assert.True(
                    row.IsDeleted ? disk.FindRow("artifacts", row.Id) is null : VersionOf(row.Id) >= row.Version,
                    $"The checkpoint passed {row}, and here is {disk.FindRow("artifacts", row.Id)}.");
            }
        }
    }

    /// <summary>I3 for deletes: no row that a covered tombstone is about is here, once a resync has swapped generations.</summary>
    private void CheckBuried(CheckpointState state)
    {
        if (state.Generation is not null || state.SafeTombstonePosition?.CursorValue is not { } settled)
        {
            return;
        }

        var changed = ChangedKeys();
        var safe = Position(settled);
        foreach (var tombstone in server.BuriedRows!.Visible(user))
        {
            if (tombstone.Sequence < safe && !changed.Contains(tombstone.Id) && disk.FindRow("artifacts", tombstone.Id) is { } local)
            {
                using var here = JsonDocument.Parse(local);
                Assert.True(
                    here.RootElement.TryGetProperty("sync_seq", out var its) && its.ValueKind == JsonValueKind.Number && its.GetInt64() >= tombstone.Sequence,
                    $"The checkpoint passed the tombstone {tombstone}, and here is {local}.");
            }
        }
    }

    private HashSet<string> ChangedKeys() => [.. disk.Local.ListChangesAsync(Dataset, null, 0, int.MaxValue, CancellationToken.None)
        .AsTask().GetAwaiter().GetResult().Select(static change => KeyOf(Encoding.UTF8.GetBytes(change.Key)))];

    private long VersionOf(string id)
    {
        if (disk.FindRow("artifacts", id) is not { } row)
        {
            return -1;
        }

        using var json = JsonDocument.Parse(row);
        return json.RootElement.GetProperty("version") is { ValueKind: JsonValueKind.Number } version ? version.GetInt64() : -1;
    }
}
