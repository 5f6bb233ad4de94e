using System.Text;
using System.Text.Json;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>
/// Random edits of the app, pulls of new and old pages, pushes with lost answers, settlements of every kind, quarantine and restarts. After each step
/// every column of every row is compared with what a person typed and what the server told.
/// </summary>
public sealed class OutboxModelTests : OutboxTest
{
    private const int Keys = 6;

    private readonly ServerOracle _server = new();
    private readonly TypedEdits _edits = new();
    private readonly Dictionary<Guid, string> _sent = [];
    private readonly Dictionary<long, long> _lastSent = [];
    private readonly Dictionary<long, (string? Code, string? Constraint)> _reasons = [];
    private readonly List<(long Id, ModelRow Row, long Version)> _oldPage = [];
    private SqliteStore? _open;

    private SqliteStore Current => _open ??= OpenStore();

    public override void Dispose()
    {
        _open?.Dispose();
        base.Dispose();
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 12)];

#pragma warning disable CA5394 // Repeatable on purpose.
    [Theory]
    [MemberData(nameof(Seeds))]
    public async Task Anything_InAnyOrder_KeepsWhatWasTypedAndNothingElse(int seed)
    {
        var random = new Random(seed);
        await Current.PrepareAsync(Tasks, Token);
        Execute("ALTER TABLE tasks ADD COLUMN pinned INTEGER");
        for (var step = 0; step < 300; step++)
        {
            var pinned = ReadPinned();
            if (random.Next(12) is var kind && kind < 5)
            {
                Edit(random);
                continue;
            }

            await EngineStepAsync(kind, random);
            await CheckAsync();
            CheckPinned(pinned);
        }

        await Current.RetryChangesAsync(Tasks, null, Token);
        var wanted = _edits.Wanted();
        for (var round = 0; (await Current.CountChangesAsync(Tasks, Token)).Waiting > 0; round++)
        {
            Assert.True(round < 10, "the outbox does not drain");
            await PushAsync(random: null);
            await CheckAsync();
        }

        Assert.All(wanted, CheckServer);
        await PullAsync(isResync: true);
        Assert.Equal(_server.Rows.Where(static row => row.Value.Row.DeletedAt is null).ToDictionary(static row => row.Key, static row => row.Value.Row), ReadTasks());
        Assert.Equal(0, CountChanges());
    }

    private Task EngineStepAsync(int kind, Random random) => kind switch
    {
        5 => WriteAsync(random),
        6 => PullAsync(isResync: random.Next(2) == 0),
        7 => PullOldAsync(random),
        8 => RestartAsync(),
        9 => EndQuarantineAsync(random),
        _ => PushAsync(random),
    };

    private void Edit(Random random)
    {
        var (id, title, size) = (random.Next(Keys), $"é{random.Next(20)}", random.Next(20));
        var before = ReadTasks();
        var sql = random.Next(10) switch
        {
            0 => $"INSERT OR IGNORE INTO tasks (id, title) VALUES ({id}, '{title}')",
            1 => $"INSERT OR REPLACE INTO tasks (id, title) VALUES ({id}, '{title}')",
            2 => $"DELETE FROM tasks WHERE id = {id}",
            3 => $"UPDATE OR IGNORE tasks SET id = {random.Next(Keys)} WHERE id = {id}",
            4 => $"BEGIN; UPDATE tasks SET title = '{title}'; ROLLBACK",
            5 => $"INSERT INTO tasks (id, title) VALUES ({id}, '{title}') ON CONFLICT (id) DO UPDATE SET title = excluded.title",
            6 => $"UPDATE tasks SET pinned = {size} WHERE id = {id}",
            7 => $"UPDATE tasks SET size = {size} WHERE id = {id}",
            8 => $"UPDATE tasks SET title = NULL WHERE id = {id}",
            _ => $"UPDATE tasks SET title = '{title}', size = {size} WHERE id = {id}",
        };
        Execute(sql);
        Say(sql);
        _edits.Note(before, ReadTasks());
    }

    /// <summary>Somebody else writes; now and then the device remembers a page that it will be given too late.</summary>
    private Task WriteAsync(Random random)
    {
        var id = random.Next(Keys);
        Say($"server writes {id}");
        _server.Put(id, new ModelRow($"s{random.Next(6)}", random.Next(4) == 0 ? null : random.Next(3), random.Next(4) == 0 ? ServerOracle.Deleted : null));
        if (random.Next(3) == 0)
        {
            _oldPage.Clear();
            _oldPage.AddRange(_server.Rows.Select(static row => (row.Key, row.Value.Row, row.Value.Version)));
        }

        return System.Threading.Tasks.Task.CompletedTask;
    }

    private async Task PullAsync(bool isResync)
    {
        Say(isResync ? "resync" : "pull", [.. _server.Rows.Select(static row => row.Value.Row.ToJson(row.Key, row.Value.Version))]);
        long? generation = isResync ? _server.Version + 1000 : null;
        await ApplyAsync(Current, Tasks, generation, [.. _server.Rows.Select(static row => row.Value.Row.ToJson(row.Key, row.Value.Version))]);
        foreach (var (id, (row, version)) in _server.Rows)
        {
            _edits.Tell(id, row, version);
        }

        if (generation is { } complete)
        {
            await Current.SwapGenerationAsync(new GenerationSwap(Tasks, complete, 1, null), Token);
            foreach (var id in Enumerable.Range(0, Keys).Select(static id => (long)id).Where(id => _server.Find(id) is null))
            {
                _edits.Tell(id, null, _server.Version);
            }
        }
    }

    /// <summary>An answer that was under way for long. A row that the device knows to be gone does not come back: nothing is kept of such rows.</summary>
    private async Task PullOldAsync(Random random)
    {
        var rows = _oldPage.Where(row => random.Next(2) == 0 && (!_edits.TryGetTold(row.Id, out var told) || told is not null)).ToList();
        Say("pull of an old page", [.. rows.Select(static row => row.Row.ToJson(row.Id, row.Version))]);
        await ApplyAsync(Current, Tasks, null, [.. rows.Select(static row => row.Row.ToJson(row.Id, row.Version))]);
        foreach (var (id, row, version) in rows)
        {
            _edits.Tell(id, row, version);
        }
    }

    private async Task RestartAsync()
    {
        _open?.Dispose();
        _open = null;
        Assert.False((await Current.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
    }

    private async Task EndQuarantineAsync(Random random)
    {
        var quarantined = await Current.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 100, Token);
        Say("retry or discard", [.. quarantined.Select(static change => $"{change.Kind} {change.Key}")]);
        var chosen = quarantined.Where(_ => random.Next(2) == 0).Select(static change => change.Id).ToList();
        if (random.Next(2) == 0)
        {
            Assert.Equal(chosen.Count, await Current.DiscardChangesAsync(Tasks, chosen, Token));
        }
        else
        {
            Assert.Equal(chosen.Count, await Current.RetryChangesAsync(Tasks, chosen, Token));
        }
    }

    private async Task PushAsync(Random? random)
    {
        foreach (var part in Enum.GetValues<ChangePart>())
        {
            using var batch = await Current.TakeAsync(Request(part: part), Token);
            var content = ReadTasks();
            _edits.Clean(ReadChanged());
            var settlements = new List<Settlement>();
            foreach (var change in batch.Changes.ToArray())
            {
                var id = Field(change.Key);
                CheckSent(id, change, content.GetValueOrDefault(id));
                var answer = Answer(id, change, random);
                Say($"{change.Kind} of {id} {Encoding.UTF8.GetString(change.Row.Span)} on {Encoding.UTF8.GetString(change.BaseVersion.Span)}: {answer?.Kind}{(answer is { Server: null } ? " without a row" : string.Empty)}");
                if (answer is { } settlement)
                {
                    settlements.Add(settlement);
                }
            }

            await Current.SettleAsync(new SettlementBatch(Tasks, settlements, Noon, null), Token);
            foreach (var settlement in settlements)
            {
                settlement.Server?.Dispose();
                settlement.Merged?.Dispose();
            }
        }
    }

    private void CheckSent(long id, PendingChange change, ModelRow? content)
    {
        var text = $"{change.Kind} {Encoding.UTF8.GetString(change.Row.Span)} {Encoding.UTF8.GetString(change.BaseVersion.Span)}";
        Assert.Equal(text, _sent.GetValueOrDefault(change.OperationId, text));
        var isNew = _sent.TryAdd(change.OperationId, text);
        _edits.Freeze(id, content);
        if (!isNew)
        {
            return;
        }

        // What a change in flight holds is what the table had when it was frozen, nothing that nobody typed, and all that somebody did.
        Assert.Equal(change.Kind == ChangeKind.Delete, content is null);
        var sent = change.Kind == ChangeKind.Delete ? null : new ModelRow(null, null, null).With(Values(change));
        Assert.All(change.Columns.Intersect(ModelRow.Columns), column => Assert.Equal(content![column], sent![column]));
        if (change.Kind == ChangeKind.Update)
        {
            Assert.All(change.Columns, column => Assert.True(_edits.MaySend(id, column), $"{column} of {id} is sent, and nobody edited it"));
        }

        if (change.Kind != ChangeKind.Delete)
        {
            Assert.All(_edits.Wanted()[id].Wanted, wanted => Assert.Equal(wanted.Value, wanted.Value is null && change.Kind == ChangeKind.Insert ? null : sent![wanted.Key]));
        }
    }

    /// <summary>Decides what became of a change; null when its answer is lost, before or after the server has written it down.</summary>
    private Settlement? Answer(long id, PendingChange change, Random? random)
    {
        var outcome = random?.Next(13) ?? 12;
        Settlement As(SettlementKind kind, Page? row = null) => new(change.Id, change.OperationId, kind, row);
        switch (outcome)
        {
            case 0:
                return null;
            case 1:
                _edits.GiveBack(id);
                return As(SettlementKind.Return);
            case 2 or 3:
                var reason = ($"23{random!.Next(100, 999)}", random.Next(2) == 0 ? null : $"rule_{random.Next(100)}");
                _edits.GiveBack(id);
                _reasons[change.Id] = reason;
                return As(SettlementKind.Reject) with { Code = reason.Item1, Constraint = reason.Item2 };
        }

        if (!_server.Takes(id, change.Kind, Encoding.UTF8.GetString(change.BaseVersion.Span)))
        {
            return Conflict(id, outcome, As);
        }

        // Changes of one key reach the server in the order of the queue.
        Assert.True(change.Id >= _lastSent.GetValueOrDefault(id));
        _lastSent[id] = change.Id;
        _server.Accept(id, change.Kind, change.Kind == ChangeKind.Delete ? null : Values(change));
        if (outcome == 4)
        {
            return null;
        }

        _edits.End(id);
        if (outcome == 5 && change.Kind != ChangeKind.Delete)
        {
            _edits.Doubt(id);
            return As(SettlementKind.Acknowledge);
        }

        return As(SettlementKind.Acknowledge, Tell(id));
    }

    private Settlement Conflict(long id, int outcome, Func<SettlementKind, Page?, Settlement> settle)
    {
        var row = Tell(id);
        switch (outcome % 3)
        {
            case 0:
                _edits.KeepWhole(id);
                return settle(SettlementKind.KeepLocal, row);
            case 1:
                _edits.End(id);
                return settle(SettlementKind.TakeServer, row);
            default:
                var merged = outcome == 11 && !IsTouchedBehind(id) ? null : new ModelRow("merged", outcome, null);
                _edits.Merge(id, merged);
                return settle(SettlementKind.TakeMerged, row) with { Merged = merged is null ? null : PageOf(Tasks, merged.ToJson(id, 0)) };
        }
    }
#pragma warning restore CA5394

    /// <summary>Gives the device the server's row, or tells it that there is none.</summary>
    private Page? Tell(long id)
    {
        var found = _server.Find(id);
        _edits.Tell(id, found?.Row, found?.Version ?? _server.Version);
        return found is var (row, version) ? PageOf(Tasks, row.ToJson(id, version)) : null;
    }

    private async Task CheckAsync()
    {
        var changed = ReadChanged();
        _edits.Clean(changed);
        var rows = ReadTasks();
        for (long id = 0; id < Keys; id++)
        {
            if (!changed.Contains(id) && _edits.TryGetTold(id, out var told))
            {
                Assert.Equal((id, told), (id, rows.GetValueOrDefault(id)));
            }
        }

        foreach (var (id, edit) in _edits.Wanted())
        {
            var row = rows.GetValueOrDefault(id);
            if (edit.Exists == false)
            {
                Assert.Null(row);
            }
            else if (edit.Exists == true || edit.Wanted.Count > 0)
            {
                Assert.NotNull(row);
                Assert.All(edit.Wanted, wanted => Assert.Equal(wanted.Value, row[wanted.Key]));
            }
        }

        foreach (var change in await Current.ListChangesAsync(Tasks, ChangeState.Quarantined, 0, 100, Token))
        {
            Assert.Equal(_reasons[change.Id], (change.Code, change.Constraint));
        }
    }

    private void CheckServer(KeyValuePair<long, TypedEdit> wanted)
    {
        var row = _server.Find(wanted.Key)?.Row;
        if (wanted.Value.Exists == false)
        {
            Assert.True(row is null or { DeletedAt: not null });
        }
        else if (wanted.Value.Wanted.Count > 0)
        {
            Assert.NotNull(row);
            Assert.All(wanted.Value.Wanted, value => Assert.Equal(value.Value, row[value.Key]));
        }
    }

    /// <summary>The app's own column is nobody else's business, as long as the row lives.</summary>
    private void CheckPinned(Dictionary<long, long?> before)
    {
        var after = ReadPinned();
        Assert.All(before.Where(row => after.ContainsKey(row.Key)), row => Assert.Equal(row.Value, after[row.Key]));
    }

    private bool IsTouchedBehind(long id) => (long)Scalar("SELECT count(*) FROM agent_sync_outbox_tasks WHERE k_id = $id", ("$id", id))! > 1;

    private Dictionary<long, ModelRow> ReadTasks() => Read("SELECT id, title, size, deleted_at FROM tasks", static row =>
        new ModelRow(row.IsDBNull(1) ? null : row.GetString(1), row.IsDBNull(2) ? null : row.GetInt64(2), row.IsDBNull(3) ? null : row.GetString(3)));

    private Dictionary<long, long?> ReadPinned() => Read("SELECT id, pinned FROM tasks", static row => row.IsDBNull(1) ? (long?)null : row.GetInt64(1));

    private HashSet<long> ReadChanged() => [.. Read("SELECT DISTINCT k_id FROM agent_sync_outbox_tasks", static _ => 0).Keys];

    private Dictionary<long, T> Read<T>(string sql, Func<Microsoft.Data.Sqlite.SqliteDataReader, T> read)
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the test's own.
        command.CommandText = sql;
#pragma warning restore CA2100
        using var reader = command.ExecuteReader();
        var rows = new Dictionary<long, T>();
        while (reader.Read())
        {
            rows[reader.GetInt64(0)] = read(reader);
        }

        return rows;
    }

    /// <summary>Writes the story that led to a failure.</summary>
    private static void Say(string what, params IReadOnlyList<string> details)
    {
        TestContext.Current.TestOutputHelper!.WriteLine(what);
        foreach (var detail in details)
        {
            TestContext.Current.TestOutputHelper.WriteLine($"    {detail}");
        }
    }

    private static long Field(ReadOnlyMemory<byte> key)
    {
        using var document = JsonDocument.Parse(key);
        return document.RootElement.GetProperty("id").GetInt64();
    }

    private static JsonElement Values(in PendingChange change)
    {
        using var document = JsonDocument.Parse(change.Row);
        return document.RootElement.Clone();
    }
}
