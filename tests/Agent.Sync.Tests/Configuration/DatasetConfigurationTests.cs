using System.Text;
using System.Text.Json;
using Agent.Sync.Engine;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Architecture;
using Json.Schema;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Tests.Configuration;

public sealed class DatasetConfigurationTests
{
    private const string Whole = """
        {
          "Name": "things", "Schema": "app", "Table": "artifacts", "LocalTable": "local_artifacts", "Key": ["tenant", "id"],
          "Version": "version", "UpdatedAt": "updated_at", "DeletedAt": "deleted_at", "DeleteHandling": "Mark", "ServerOwned": ["total"], "OnConflict": "LocalWins",
          "Where": [ { "Column": "type", "Operator": "NotEqual", "Value": "draft" } ],
          "Columns": { "id": "uuid", "name": "text", "tenant": "integer", "total": "numeric", "updated_at": "timestamptz" },
          "LocalColumns": { "id": "Id", "total": "Sum", "version": "Revision", "updated_at": "UpdatedAt", "DELETED_AT": "DeletedAt" }
        }
        """;

    private static readonly JsonSchema Schema = JsonSchema.FromText(File.ReadAllText(Path.Combine(SourceTree.Root, "src", "Agent.Sync", "Configuration", "agent-sync.schema.json")));

    [Fact]
    public void Read_EveryKey_IsWhatTheBuilderMakesOfIt()
    {
        var dataset = Assert.Single(DatasetConfiguration.Read(Section($"[{Whole}]")));

        Assert.Equal(("things", "app", "artifacts", "local_artifacts"), (dataset.Name, dataset.Schema, dataset.RemoteTable, dataset.LocalTable));
        Assert.Equal(["tenant", "id", "name", "total", "version", "updated_at", "deleted_at"], dataset.Columns.Select(static column => column.Name));
        Assert.Equal(["tenant", "Id", "name", "Sum", "Revision", "UpdatedAt", "DeletedAt"], dataset.Columns.Select(static column => column.LocalName));
        Assert.Equal([0, 1], dataset.KeyOrdinals);
        Assert.Equal((4, 5, 6), (dataset.VersionOrdinal, dataset.CursorOrdinal, dataset.DeletedOrdinal));
        Assert.Equal(ColumnType.Numeric, dataset.Columns[3].Type);
        Assert.DoesNotContain(3, dataset.PushedOrdinals);
        Assert.Equal((DeleteHandling.Mark, ConflictPolicy.LocalWins), (dataset.DeleteHandling, dataset.ConflictPolicy));
        Assert.Equal(new DatasetFilter("type", FilterOperator.NotEqual, "draft"), Assert.Single(dataset.Filters));
    }

    [Fact]
    public void Read_MoreThanTenDatasets_KeepsTheOrderOfTheArray()
    {
        var names = Enumerable.Range(0, 12).Select(static number => $"t{99 - number}").ToArray();

        var datasets = DatasetConfiguration.Read(Section($"[{string.Join(",", names.Select(static name => Small($"\"Table\": \"{name}\"")))}]"));

        Assert.Equal(names, datasets.Select(static dataset => dataset.Name));
    }

    [Fact]
    public void Read_NoSection_HasNone() => Assert.Empty(DatasetConfiguration.Read(new ConfigurationBuilder().Build().GetSection("AgentSync:Datasets")));

    public static TheoryData<string, string> Wrong => new()
    {
        { Small("\"Table\": \"a\", \"Tabel\": \"b\""), "AgentSync:Datasets:0:Tabel is not known" },
        { Small("\"Name\": \"b\""), "AgentSync:Datasets:0:Table is missing" },
        { Small("\"Table\": \"a b\""), "AgentSync:Datasets:0:Table: A name must be" },
        { Small("\"Table\": \"a\", \"Schema\": \"\""), "AgentSync:Datasets:0:Schema must be a name" },
        { Small("\"Table\": \"a\"", columns: "\"id\": \"uuid\", \"price\": \"money\""), "AgentSync:Datasets:0:Columns:price must be one of text, uuid" },
        { Small("\"Table\": \"a\"", columns: "\"id\": \"numeric\""), "AgentSync:Datasets:0:Key:0: Column 'id' of type Numeric cannot be a key" },
        { Small("\"Table\": \"a\"", columns: "\"other\": \"uuid\""), "AgentSync:Datasets:0:Key:0 is 'id', which AgentSync:Datasets:0:Columns does not have" },
        { Small("\"Table\": \"a\"", columns: "\"id\": \"uuid\", \"updated_at\": \"date\""), "AgentSync:Datasets:0:Columns:updated_at is date" },
        { Small("\"Table\": \"a\", \"Version\": \"updated_at\""), "declared twice" },
        { Small("\"Table\": \"a\", \"OnConflict\": \"Resolver\""), "AgentSync:Datasets:0:OnConflict must be one of ServerWins, LocalWins" },
        { Small("\"Table\": \"a\", \"DeleteHandling\": \"Mark\""), "AgentSync:Datasets:0:DeleteHandling needs" },
        { Small("\"Table\": \"a\", \"ServerOwned\": [\"none\"]"), "AgentSync:Datasets:0:ServerOwned:0: Column 'none' is not declared" },
        { Small("\"Table\": \"a\", \"ServerOwned\": \"total\""), "AgentSync:Datasets:0:ServerOwned must be an array" },
        { Small("\"Table\": \"a\", \"Where\": [ { \"Column\": \"b\", \"Value\": \"secret\" } ]"), "AgentSync:Datasets:0:Where:0:Operator must be one of Equal" },
        { Small("\"Table\": \"a\", \"Where\": [ { \"Column\": \"b\", \"Operator\": \"Equal\", \"Value\": \"secret\", \"Or\": \"1\" } ]"), "AgentSync:Datasets:0:Where:0:Or is not known" },
        { Small("\"Table\": \"a\", \"LocalColumns\": { \"none\": \"None\" }"), "AgentSync:Datasets:0:LocalColumns:none is no column of the dataset" },
        { Small("\"Table\": \"a\", \"LocalColumns\": { \"id\": \"updated_at\" }"), "AgentSync:Datasets:0:UpdatedAt: Columns 'id' and 'updated_at' have the same local name" },
        { Small("\"Table\": \"a\", \"LocalColumns\": { \"id\": \"a b\" }"), "AgentSync:Datasets:0:Key:0: A name must be" },
        { Small("\"Table\": \"a\", \"LocalColumns\": { \"id\": [\"Id\"] }"), "AgentSync:Datasets:0:LocalColumns:id must be the column's name in the local table" },
        { Small("\"Table\": \"a\", \"LocalColumns\": \"Id\""), "AgentSync:Datasets:0:LocalColumns must be an object" },
        { """{ "Table": "a", "UpdatedAt": "updated_at", "Columns": { "id": "uuid" } }""", "AgentSync:Datasets:0:Key is missing" },
        { """{ "Table": "a", "Key": ["id"], "Columns": { "id": "uuid" } }""", "AgentSync:Datasets:0:UpdatedAt is missing" },
        { "\"artifacts\"", "AgentSync:Datasets:0 must be an object" },
    };

    [Theory]
    [MemberData(nameof(Wrong), DisableDiscoveryEnumeration = true)]
    public void Read_SomethingWrong_NamesItsPathAndNoValueOfAFilter(string dataset, string fault)
    {
        var exception = Assert.Throws<OptionsValidationException>(() => DatasetConfiguration.Read(Section($"[{dataset}]")));

        Assert.Contains(exception.Failures, failure => failure.Contains(fault, StringComparison.Ordinal));
        Assert.DoesNotContain("secret", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Read_ObjectInsteadOfArray_SaysThatTheOrderCounts()
    {
        var exception = Assert.Throws<OptionsValidationException>(() => DatasetConfiguration.Read(Section($$"""{ "artifacts": {{Whole}} }""")));

        Assert.StartsWith("AgentSync:Datasets:artifacts is not an element of an array", Assert.Single(exception.Failures), StringComparison.Ordinal);
    }

    [Fact]
    public async Task UseConfiguration_WithoutContainer_BindsOptionsAndDatasets()
    {
        await using var engine = new SyncEngineBuilder(TestOptions.NoEnvironment)
            .UseConfiguration(Section($"[{Whole}]", "AgentSync"))
            .UseLocalStore(new InMemoryTransactionalStore())
            .Configure(static options => Assert.Equal(300, options.PageSize))
            .BuildOffline();

        Assert.Equal("things", (await engine.GetStatusAsync(TestContext.Current.CancellationToken)).Datasets.Single().Dataset);
    }

    [Fact]
    public void Schema_WhatTheBinderTakes_IsTaken()
    {
        Assert.True(Accepts($"[{Whole}]"));
        Assert.True(Accepts($"[{Small("\"Table\": \"a\"")}]"));
        foreach (var type in Enum.GetValues<ColumnType>())
        {
            Assert.True(Accepts($"[{Small("\"Table\": \"a\"", $"\"id\": \"uuid\", \"b\": \"{type.ToString().ToLowerInvariant()}\"")}]"));
        }

        foreach (var comparison in Enum.GetValues<FilterOperator>())
        {
            Assert.True(Accepts($"[{Small($$"""
                "Table": "a", "Where": [ { "Column": "b", "Operator": "{{comparison}}", "Value": "" } ]
                """)}]"));
        }
    }

    [Fact]
    public void Schema_WhatTheBinderRefuses_IsRefused()
    {
        // These need a look at two places, which a schema cannot take.
        string[] beyond = ["cannot be a key", "does not have", "Columns:updated_at is date", "declared twice", "not declared", "is no column of", "the same local name"];
        foreach (var (dataset, fault) in Wrong.Select(static row => row.Data).Where(row => !beyond.Any(word => row.Item2.Contains(word, StringComparison.Ordinal))))
        {
            Assert.False(Accepts($"[{dataset}]"), fault);
        }

        Assert.False(Accepts($$"""{ "artifacts": {{Whole}} }"""));
    }

    private static bool Accepts(string datasets)
    {
        using var document = JsonDocument.Parse($$"""{ "$schema": "x", "AgentSync": { "Datasets": {{datasets}} } }""");
        return Schema.Evaluate(document.RootElement).IsValid;
    }

    private static string Small(string members, string columns = "\"id\": \"uuid\"") =>
        $$"""{ {{members}}, "Key": ["id"], "UpdatedAt": "updated_at", "Columns": { {{columns}} } }""";

    private static IConfigurationSection Section(string datasets, string path = "AgentSync:Datasets") => new ConfigurationBuilder()
        .AddJsonStream(new MemoryStream(Encoding.UTF8.GetBytes($$"""{ "AgentSync": { "PageSize": 300, "Datasets": {{datasets}} } }""")))
        .Build()
        .GetSection(path);
}
