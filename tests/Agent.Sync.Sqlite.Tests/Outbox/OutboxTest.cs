using System.Globalization;
using System.Text;
using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>Short ways to edit, take, settle, and to say what came out.</summary>
public abstract class OutboxTest : StoreTest
{
    internal static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);

    private readonly Dictionary<long, Guid> _operations = [];

    /// <summary>Gets a dataset with a version column.</summary>
    protected static Dataset Tasks { get; } = Dataset.Define("tasks")
        .Key("id", ColumnType.Integer).Column("title", ColumnType.Text).Column("size", ColumnType.Integer)
        .UpdatedAt("updated_at").Version("version").DeletedAt("deleted_at").Build();

    internal static string Task(long id, string title, long version = 1, long? size = null, bool isDeleted = false) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":{{id}},"title":"{{title}}","size":{{size?.ToString(CultureInfo.InvariantCulture) ?? "null"}},"updated_at":"2026-01-01T00:00:00.{{version:D6}}+00:00","version":{{version}},"deleted_at":{{(isDeleted ? "\"2026-01-02T00:00:00+00:00\"" : "null")}}}""");

    /// <summary>Takes both halves and writes each change as <c>kind key base row</c>.</summary>
    internal async Task<List<string>> TakeTextsAsync(Dataset? dataset = null, bool wholeRows = false, SqliteStore? store = null) =>
        [.. (await TakeAsync(dataset, wholeRows, store)).Select(static change => change.Text)];

    internal async Task<List<Taken>> TakeAsync(Dataset? dataset = null, bool wholeRows = false, SqliteStore? store = null)
    {
        var taken = new List<Taken>();
        foreach (var part in Enum.GetValues<ChangePart>())
        {
            using var batch = await (store ?? Store).TakeAsync(Request(dataset, part) with { WholeRows = wholeRows }, Token);
            foreach (var change in batch.Changes.Span)
            {
                Remember(change);
                taken.Add(new Taken(change.Id, change.OperationId, change.Kind, TextOf(change), [.. change.Columns]));
            }
        }

        return taken;
    }

    internal static TakeRequest Request(Dataset? dataset = null, ChangePart part = ChangePart.Writes) =>
        new(dataset ?? Tasks, part, After: 0, MaxChanges: 1000, MaxBytes: 1_000_000, WholeRows: false, Lease: null);

    internal async Task SettleAsync(Dataset dataset, long change, SettlementKind kind, string? server = null, string? merged = null, string? code = null, SqliteStore? store = null, Fence? lease = null)
    {
        using var page = server is null ? null : PageOf(dataset, server);
        using var mergedPage = merged is null ? null : PageOf(dataset, merged);
        var settlement = new Settlement(change, _operations[change], kind, page) { Merged = mergedPage, Code = code };
        await (store ?? Store).SettleAsync(new SettlementBatch(dataset, [settlement], Noon, lease), Token);
    }

    /// <summary>Remembers the operation id under which a change is settled.</summary>
    internal void Remember(in PendingChange change) => _operations[change.Id] = change.OperationId;

    protected Task SettleAsync(long change, SettlementKind kind, string? server = null, string? merged = null, string? code = null) =>
        SettleAsync(Tasks, change, kind, server, merged, code);

    /// <summary>Returns the tasks as <c>id=title</c>.</summary>
    protected string Rows() => Scalar("SELECT group_concat(id || '=' || coalesce(title, ''), ',') FROM (SELECT id, title FROM tasks ORDER BY id)") as string ?? string.Empty;

    protected long CountChanges(string condition = "true") => (long)Scalar($"SELECT count(*) FROM agent_sync_outbox_tasks WHERE {condition}")!;

    private static string TextOf(PendingChange change)
    {
        var parts = new[] { change.Key, change.BaseVersion, change.Row }.Select(static part => Encoding.UTF8.GetString(part.Span)).Where(static text => text.Length > 0);
        return $"{change.Kind} {string.Join(' ', parts)}";
    }

    internal sealed record Taken(long Id, Guid Operation, ChangeKind Kind, string Text, IReadOnlyList<string> Columns);
}
