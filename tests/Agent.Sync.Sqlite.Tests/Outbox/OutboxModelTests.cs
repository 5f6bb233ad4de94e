using System.Globalization;
using System.Text.Json;
using Agent.Sync.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>
/// Random edits of the app, pulls, pushes with lost answers, settlements and restarts, against a server that is a dictionary. No edit may be lost:
/// at the end the server has it, or the quarantine.
/// </summary>
public sealed class OutboxModelTests : OutboxTest
{
    private const int Keys = 6;

    private readonly SortedDictionary<long, ServerRow> _server = [];
    private readonly Dictionary<Guid, string> _sent = [];
    private readonly Dictionary<long, long> _lastSent = [];
    private long _version;
    private SqliteStore? _open;

    private SqliteStore Current => _open ??= OpenStore();

    public override void Dispose()
    {
        _open?.Dispose();
        base.Dispose();
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    [InlineData(4)]
    [InlineData(5)]
    [InlineData(6)]
    public async Task Anything_InAnyOrder_EndsWithBothSidesEqual(int seed)
    {
#pragma warning disable CA5394 // Repeatable on purpose.
        var random = new Random(seed);
        await Current.PrepareAsync(Tasks, Token);
        for (var step = 0; step < 400; step++)
        {
            switch (random.Next(10))
            {
                case < 5:
                    Edit(random);
                    break;
                case 5:
                    Write(random);
                    break;
                case 6:
                    await PullAsync(random.Next(2) == 0);
                    break;
                case 7:
                    _open?.Dispose();
                    _open = null;
                    Assert.False((await Current.PrepareAsync(Tasks, Token)).HasUnrecordedChanges);
                    break;
                default:
                    await PushAsync(random);
                    break;
            }
        }
#pragma warning restore CA5394

        var edited = ReadEdited();
        await DrainAsync();
        await Current.RetryChangesAsync(Tasks, null, Token);
        await DrainAsync();
        Assert.All(edited, row => Assert.Equal(row.Value, _server.TryGetValue(row.Key, out var there) && !there.IsDeleted ? there.Title : null));
        await PullAsync(isResync: true);
        Assert.Equal(0, CountChanges());
        Assert.Equal(string.Join(',', _server.Where(static row => !row.Value.IsDeleted).Select(static row => $"{row.Key}={row.Value.Title}")), Rows());
    }

#pragma warning disable CA5394 // Repeatable on purpose.
    private void Edit(Random random)
    {
        var (id, title) = (random.Next(Keys), $"é{random.Next(1000)}");
        Execute(random.Next(7) switch
        {
            0 => $"INSERT OR IGNORE INTO tasks (id, title) VALUES ({id}, '{title}')",
            1 => $"INSERT OR REPLACE INTO tasks (id, title) VALUES ({id}, '{title}')",
            2 => $"DELETE FROM tasks WHERE id = {id}",
            3 => $"UPDATE OR IGNORE tasks SET id = {random.Next(Keys)} WHERE id = {id}",
            4 => $"BEGIN; UPDATE tasks SET title = '{title}'; ROLLBACK",
            5 => $"INSERT INTO tasks (id, title) VALUES ({id}, '{title}') ON CONFLICT (id) DO UPDATE SET title = excluded.title",
            _ => $"UPDATE tasks SET title = '{title}', size = {random.Next(3)} WHERE id = {id}",
        });
    }

    private void Write(Random random)
    {
        var id = random.Next(Keys);
        _server[id] = new ServerRow($"s{random.Next(1000)}", ++_version, random.Next(4) == 0);
    }

    private async Task PullAsync(bool isResync)
    {
        await ApplyAsync(Current, Tasks, isResync ? _version + 1000 : null, [.. _server.Select(static row => row.Value.ToJson(row.Key))]);
        if (isResync)
        {
            await Current.SwapGenerationAsync(new GenerationSwap(Tasks, _version + 1000, 1, null), Token);
        }
    }

    private async Task DrainAsync()
    {
        for (var round = 0; (await Current.CountChangesAsync(Tasks, Token)).Waiting > 0; round++)
        {
            Assert.True(round < 10, "the outbox does not drain");
            await PushAsync(random: null);
        }
    }

    private async Task PushAsync(Random? random)
    {
        foreach (var part in Enum.GetValues<ChangePart>())
        {
            using var batch = await Current.TakeAsync(Request(part: part), Token);
            foreach (var change in batch.Changes.ToArray())
            {
                var (id, text) = (Field(change.Key, "id"), $"{change.Kind} {System.Text.Encoding.UTF8.GetString(change.Row.Span)} {System.Text.Encoding.UTF8.GetString(change.BaseVersion.Span)}");
                Assert.Equal(text, _sent.GetValueOrDefault(change.OperationId, text));
                _sent[change.OperationId] = text;
                Remember(change);
                await SettleAsync(id, change, text, random);
            }
        }
    }

    private async Task SettleAsync(long id, PendingChange change, string text, Random? random)
    {
        var outcome = random?.Next(10) ?? 9;
        if (outcome == 0)
        {
            // The answer is lost, before or after the server has written it down.
            return;
        }

        if (outcome == 1)
        {
            await SettleAsync(Tasks, change.Id, SettlementKind.Return, store: Current);
            return;
        }

        if (outcome == 2)
        {
            await SettleAsync(Tasks, change.Id, SettlementKind.Reject, code: "23514", store: Current);
            return;
        }

        var row = _server.GetValueOrDefault(id);
        var isFree = change.Kind == ChangeKind.Insert ? row is null : row is not null && text.EndsWith($" {row.Version.ToString(CultureInfo.InvariantCulture)}", StringComparison.Ordinal);
        if (!isFree && !(row is null && change.Kind == ChangeKind.Delete))
        {
            var kind = outcome % 2 == 0 ? SettlementKind.TakeServer : SettlementKind.KeepLocal;
            await SettleAsync(Tasks, change.Id, kind, row?.ToJson(id), store: Current);
            return;
        }

        Accept(id, change, row);
        if (outcome == 3)
        {
            return;
        }

        await SettleAsync(Tasks, change.Id, SettlementKind.Acknowledge, _server.GetValueOrDefault(id)?.ToJson(id), store: Current);
    }
#pragma warning restore CA5394

    private void Accept(long id, PendingChange change, ServerRow? row)
    {
        // Changes of one key reach the server in the order of the queue.
        Assert.True(change.Id >= _lastSent.GetValueOrDefault(id));
        _lastSent[id] = change.Id;
        if (change.Kind == ChangeKind.Delete)
        {
            _server.Remove(id);
            return;
        }

        using var values = JsonDocument.Parse(change.Row);
        var title = values.RootElement.TryGetProperty("title", out var sent) ? sent.GetString() : row?.Title;
        var isDeleted = values.RootElement.TryGetProperty("deleted_at", out var deleted) ? deleted.ValueKind != JsonValueKind.Null : row?.IsDeleted ?? false;
        _server[id] = new ServerRow(title, ++_version, isDeleted);
    }

    /// <summary>Reads the rows that have an edit which is not on the server: id and title, null where the row is deleted here.</summary>
    private Dictionary<long, string?> ReadEdited()
    {
        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText =
            """
            SELECT DISTINCT o.k_id, t.title FROM agent_sync_outbox_tasks o LEFT JOIN tasks t ON t.id = o.k_id
            WHERE o.slot = 1 OR (t.id IS NULL AND o.has_base = 1 AND o.b_deleted_at IS NULL)
                OR (t.id IS NOT NULL AND (o.has_base = 0 OR t.title IS NOT o.b_title))
            """;
        using var reader = command.ExecuteReader();
        var rows = new Dictionary<long, string?>();
        while (reader.Read())
        {
            rows[reader.GetInt64(0)] = reader.IsDBNull(1) ? null : reader.GetString(1);
        }

        return rows;
    }

    private static long Field(ReadOnlyMemory<byte> json, string name)
    {
        using var document = JsonDocument.Parse(json);
        return document.RootElement.GetProperty(name).GetInt64();
    }

    private sealed record ServerRow(string? Title, long Version, bool IsDeleted)
    {
        public string ToJson(long id) => Task(id, Title ?? string.Empty, Version, isDeleted: IsDeleted);
    }
}
