using System.Globalization;
using System.Text;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Verify;

/// <summary>A dataset that is synced, and a store whose rows can be changed behind the engine's back.</summary>
internal sealed class VerifyHarness : IDisposable
{
    private readonly TwoWayHarness _harness;

    public VerifyHarness(Dataset? dataset = null, bool kit = false)
    {
        Dataset = dataset ?? Define().Build();
        _harness = new TwoWayHarness(kit, Dataset);
        _harness.Options.PageSize = 10;
        _harness.Options.RateLimit.Burst = int.MaxValue;
        _harness.Options.Retry.MaxRetries = 0;
    }

    public Dataset Dataset { get; }

    public TwoWayHarness Harness => _harness;

    public PostgrestDouble Server => _harness.Server;

    public PostgrestTable Table => _harness.Tables[0];

    public InMemoryTransactionalStore Store => _harness.Store;

    public SyncEngine Engine => _harness.Engine;

    /// <summary>Gets the dataset as it is stored.</summary>
    public Dataset Stored => Table.HasKit ? Dataset.WithSequence() : Dataset;

    public IReadOnlyList<string> LocalRows => [.. Store.GetRows(Dataset.LocalTable).Order(StringComparer.Ordinal)];

    public IReadOnlyList<string> ServerRows => [.. Table.VisibleRows(_harness.User, [.. Stored.Columns.Select(static column => column.Name)]).Order(StringComparer.Ordinal)];

    public static DatasetBuilder Define(ColumnType key = ColumnType.Integer) =>
        Dataset.Define("items").Key("id", key).Column("name", ColumnType.Text).UpdatedAt("updated_at");

    /// <summary>Fills the table, and syncs once what was written is settled.</summary>
    public async Task FillAsync(int rows)
    {
        for (var id = 1; id <= rows; id++)
        {
            Table.Insert(string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"name":"row {{id}}"}"""));
        }

        await SyncAsync();
    }

    public async Task SyncAsync()
    {
        _harness.Time.Advance(TimeSpan.FromMinutes(10));
        (await _harness.SyncAsync()).EnsureCompleted();
        _harness.Time.Advance(TimeSpan.FromMinutes(10));
    }

    public Task<VerifyResult> VerifyAsync(bool repair = false, Func<VerifyOptions, VerifyOptions>? with = null, IProgress<VerifyProgress>? progress = null) =>
        Engine.VerifyAsync(Dataset.Name, (with ?? (static options => options))(new VerifyOptions { Repair = repair }), progress, TestContext.Current.CancellationToken);

    /// <summary>Loses local rows, as a damaged file does.</summary>
    public async Task LoseAsync(params long[] ids)
    {
        using var keys = Keys(ids);
        await Store.RemoveRowsAsync(new RowRemoval(Stored, keys, Checkpoint: null), TestContext.Current.CancellationToken);
    }

    /// <summary>Writes a local row that nothing records.</summary>
    public async Task TamperAsync(string json)
    {
        using var page = Page.Parse(Stored, Encoding.UTF8.GetBytes($"[{json}]"));
        await Store.ApplyAsync(new ApplyBatch(Stored, [page], Checkpoint: null, Generation: null) { IsRepair = true }, TestContext.Current.CancellationToken);
    }

    public Task TamperAsync(long id, string name, string updatedAt = "2026-01-01T00:00:00+00:00") => TamperAsync(string.Create(
        CultureInfo.InvariantCulture, $$"""{"id":{{id}},"name":"{{name}}","updated_at":"{{updatedAt}}"{{(Table.HasKit ? ",\"sync_seq\":1" : "")}}}"""));

    public void Dispose() => _harness.Dispose();

    private Page Keys(long[] ids) => Page.Parse(
        Stored.WithColumns([.. Stored.KeyOrdinals, Stored.CursorOrdinal]),
        Encoding.UTF8.GetBytes($"[{string.Join(',', ids.Select(id => string.Create(CultureInfo.InvariantCulture, $$"""{"id":{{id}},"{{Stored.Columns[Stored.CursorOrdinal].Name}}":null}""")))}]"));
}
