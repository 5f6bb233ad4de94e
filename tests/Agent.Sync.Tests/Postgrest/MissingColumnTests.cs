using System.Text;
using Agent.Sync.Postgrest;
using Agent.Sync.Tests.Engine;

namespace Agent.Sync.Tests.Postgrest;

/// <summary>A column that the table lacks is named, and nothing else of the server's message is.</summary>
public sealed class MissingColumnTests
{
    private static readonly Dataset Items = Dataset.Define("items").Key("id", ColumnType.Integer).Column("note", ColumnType.Text).Column("notes", ColumnType.Text)
        .Column("column", ColumnType.Text).Column("exist", ColumnType.Text).UpdatedAt("updated_at").Where("state", FilterOperator.Equal, "open").Build();

    [Theory]
    [InlineData("42703", "column items.note does not exist", "note")]
    [InlineData("42703", "column items.notes does not exist", "notes")]
    [InlineData("42703", "column items.column does not exist", "column")]
    [InlineData("42703", "column items.state does not exist", "state")]
    [InlineData("42703", "column others.note does not exist", null)]
    [InlineData("42703", "column \\\"note\\\" does not exist", null)]
    [InlineData("42703", "column \\\"note\\\" of relation \\\"items\\\" does not exist", "note")]
    [InlineData("42703", "Spalte items.note existiert nicht", "note")]
    [InlineData("PGRST204", "Could not find the 'note' column of 'items' in the schema cache", "note")]
    [InlineData("42703", "column items.canary does not exist", null)]
    [InlineData("42703", "record \\\"new\\\" has no field \\\"canary\\\"", null)]
    [InlineData("23514", "new row violates 'note'", null)]
    public void Find_AnyMessage_NamesDeclaredColumnsAlone(string code, string message, string? expected) =>
        Assert.Equal(expected, MissingColumn.Find(code, Encoding.UTF8.GetBytes($$"""{"code":"{{code}}","details":null,"message":"{{message}}"}"""), Items));

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("{\"message\":7}")]
    [InlineData("{\"message\":\"\\ud800\"}")]
    [InlineData("{\"message\":\"column items.no")]
    public void Find_DamagedAnswer_NamesNone(string json) => Assert.Null(MissingColumn.Find("42703", Encoding.UTF8.GetBytes(json), Items));

    [Fact]
    public async Task SyncAsync_ColumnWasDropped_IsNamedInBothDirections()
    {
        var dataset = SampleDatasets.Of("items", "note").Build();
        using var harness = new TwoWayHarness(kit: false, dataset);
        await harness.SyncAsync();
        harness.Tables[0].DropColumn("note");

        var pull = await Assert.ThrowsAsync<SyncSchemaException>(() => RunAsync(harness));
        harness.Store.Insert(dataset, """{"id":1,"note":"canary"}""");
        var push = await Assert.ThrowsAsync<SyncSchemaException>(() => RunAsync(harness));

        Assert.All([pull, push], static exception => Assert.Equal(SyncErrorKind.RemoteSchema, exception.Kind));
        Assert.All([pull, push], static exception => Assert.Contains("Table 'public.items' has no column 'note'", exception.Message, StringComparison.Ordinal));
        Assert.DoesNotContain("canary", push.ToString(), StringComparison.Ordinal);
    }

    /// <summary>The engine waits once for a schema cache that is old.</summary>
    private static async Task<SyncResult> RunAsync(TwoWayHarness harness)
    {
        var run = harness.SyncAsync();
        for (var step = 0; step < 100 && !run.IsCompleted; step++)
        {
            harness.Time.Advance(TimeSpan.FromSeconds(1));
        }

        return await run;
    }
}
