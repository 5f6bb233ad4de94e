using System.Text.Json;
using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Scaffolding;
using Agent.Sync.Cli.Syncing;
using Agent.Sync.Cli.Tests.Discovery;

namespace Agent.Sync.Cli.Tests.Scaffolding;

/// <summary>What agent-sync scaffold writes, compiled with the generator.</summary>
public sealed class ScaffoldTests(ConsoleBackend backend)
{
    [Theory]
    [InlineData(true, true)]
    [InlineData(true, false)]
    [InlineData(false, true)]
    public async Task Scaffold_RandomTables_AreTheDatasetsOfTheConfiguration(bool readsCatalog, bool hasFile)
    {
        var database = await backend.CreateDatabaseAsync();
        var seed = Environment.TickCount;
        TestContext.Current.TestOutputHelper?.WriteLine($"seed {seed}");
        await ConsoleBackend.RunAsync(database, new RandomTables(new Random(seed)).Create());
        using TestFile file = new("");
        Assert.Equal(0, await CommandTree.RunAsync(["init", "--yes", "--json", "--force", "--from", database, "--config", file.Path]));
        var configured = ToolFile.Read(file.Path).Datasets;
        var output = file.Path + ".cs";

        Assert.Equal(0, await CommandTree.RunAsync(
            ["scaffold", "--json", "--output", output, "--namespace", "My.App", .. hasFile ? ["--config", file.Path] : (string[])["--config", file.Path + ".none"], .. readsCatalog ? ["--from", database] : Array.Empty<string>()]));

        var code = await File.ReadAllTextAsync(output, TestContext.Current.CancellationToken);
        var entities = EntityCompiler.Datasets(code);
        Assert.Equal(configured.Count, entities.Count);
        Assert.All(configured, dataset => Assert.Equal(Text(dataset), Text(entities.Values.Single(entity => entity.Name == dataset.Name))));
        Assert.Equal(readsCatalog, code.Contains("int N { get; init; }", StringComparison.Ordinal));
    }

    [Fact]
    public void Write_DatasetWithEverything_IsTheSame()
    {
        var datasets = ToolFile.Parse("""
            { "AgentSync": { "Datasets": [
              { "Table": "order_items", "Schema": "sales", "Name": "the_items", "LocalTable": "items", "Key": ["tenant", "order_item"], "Version": "a_b", "UpdatedAt": "updatedAt", "DeletedAt": "deleted_at", "DeleteHandling": "Mark",
                "ServerOwned": ["total"], "LocalColumns": { "total": "Total", "col_1": "x_1", "updatedAt": "UpdatedAt" }, "Columns": { "order_item": "uuid", "tenant": "integer", "total": "numeric", "OrderItem": "text", "to_string": "text", "col_1": "date", "$": "bytes", "class": "time", "x": "timestamp", "clone": "boolean", "event_": "json" } },
              { "Table": "order_item", "Key": ["id"], "UpdatedAt": "u", "OnConflict": "LocalWins", "Columns": { "id": "text" } } ] } }
            """u8.ToArray());

        var code = EntityText.Write(EntityText.Name(datasets), catalog: null, space: null);

        var entities = EntityCompiler.Datasets(code);
        Assert.Equal(["OrderItem", "OrderItem2"], entities.Keys.Order(StringComparer.Ordinal));
        Assert.Equal(Text(datasets[0]), Text(entities["OrderItem"]));
        Assert.Contains("Give AddDataset<OrderItem2>", code, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("artifacts", "Artifact")]
    [InlineData("categories", "Category")]
    [InlineData("addresses", "Address")]
    [InlineData("boxes", "Box")]
    [InlineData("statuses", "Status")]
    [InlineData("status", "Status")]
    [InlineData("access", "Access")]
    [InlineData("series_2", "Series2")]
    [InlineData("_", "N")]
    public void Class_OfATable_IsItsSingular(string table, string expected) => Assert.Equal(expected, EntityNames.OfClasses().Class(table));

    [Fact]
    public async Task Scaffold_NothingToReadFrom_SaysWhatToGive() =>
        Assert.Equal(2, await CommandTree.RunAsync(["scaffold", "--json", "--config", Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N"))]));

    /// <summary>All that a dataset says of itself, and the configuration can say.</summary>
    private static string Text(Dataset dataset) => JsonSerializer.Serialize(new
    {
        dataset.Name,
        dataset.Schema,
        dataset.RemoteTable,
        dataset.LocalTable,
        dataset.Columns,
        Local = dataset.Columns.Select(static column => column.LocalName),
        dataset.KeyOrdinals,
        dataset.CursorOrdinal,
        dataset.VersionOrdinal,
        dataset.DeletedOrdinal,
        dataset.DeleteHandling,
        dataset.PushedOrdinals,
    });
}
