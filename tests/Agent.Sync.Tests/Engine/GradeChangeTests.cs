using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Engine;

/// <summary>Edits that were made before the SQL kit came, and are pushed after it.</summary>
public sealed class GradeChangeTests : IDisposable
{
    private static readonly Dataset Items = Dataset.Define("items")
        .Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Column("note", ColumnType.Text).UpdatedAt("updated_at").Build();

    private readonly TwoWayHarness _harness = new(SqlKitMode.Detect, Items);

    private PostgrestTable Table => _harness.Tables[0];

    public void Dispose() => _harness.Dispose();

    [Fact]
    public async Task SyncAsync_EditFromBeforeTheKitOfARowThatChanged_IsAConflictAndNotStuck()
    {
        await EditBeforeTheKitAsync();
        _harness.Time.Advance(TimeSpan.FromMinutes(1));
        Table.Update("""{"name":"theirs"}""", "1");
        Table.EnableKit();

        var pull = await SyncAsync(SyncDirection.Pull);
        var both = await SyncAsync();

        Assert.Equal((CompletenessGrade.Exact, 1L), (pull.Grade, pull.Datasets[0].Pending));
        Assert.Equal((1L, 0L), (both.Datasets[0].Conflicts, both.Datasets[0].Pending));
        Assert.Contains("theirs", _harness.Store.FindRow("items", "1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SyncAsync_EditFromBeforeTheKitOfARowThatDidNot_IsPushed()
    {
        await EditBeforeTheKitAsync();
        Table.EnableKit();

        await SyncAsync(SyncDirection.Pull);
        var both = await SyncAsync();

        Assert.Equal((1L, 0L, 0L), (both.Datasets[0].Pushed, both.Datasets[0].Conflicts, both.Datasets[0].Pending));
        Assert.Equal(["""{"name":"mine"}"""], Table.VisibleRows("user", "name"));
    }

    private async Task EditBeforeTheKitAsync()
    {
        Table.Insert("""{"id":1,"name":"first"}""");
        await SyncAsync();
        _harness.Store.Update(Items, """{"name":"mine"}""", "1");
    }

    /// <summary>A new process each time: an engine remembers for an hour that there is no kit.</summary>
    private Task<SyncResult> SyncAsync(SyncDirection direction = SyncDirection.Both) => _harness.OfProject(PostgrestDouble.Url).SyncAsync(
        new SyncRequest { Direction = direction }, cancellationToken: TestContext.Current.CancellationToken);
}
