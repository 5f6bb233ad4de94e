using System.Text.Json;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using CustomStore;

namespace Agent.Sync.Tests.Docs;

/// <summary>The store of the sample, held to what every store has to do.</summary>
public sealed class CustomStoreTests
{
    public static TheoryData<string> Cases => [.. LocalStoreConformance.Cases.Select(static test => test.Name)];

    [Theory]
    [MemberData(nameof(Cases))]
    public async Task Case_OfTheSuite_Passes(string name)
    {
        await using var suite = new Suite();
        await LocalStoreConformance.Cases.Single(test => test.Name == name).RunAsync(suite);
    }

    [Fact]
    public async Task Sync_WithTombstonesOfTheKit_RemovesTheRow()
    {
        var artifacts = Dataset.Define("artifacts").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at").Build();
        using var server = new PostgrestDouble(TimeProvider.System);
        var table = server.AddTable(artifacts).EnableKit();
        table.Insert("""{"id":1,"name":"stays"}""");
        table.Insert("""{"id":2,"name":"goes"}""");
        var folder = Directory.CreateTempSubdirectory("agent-sync-custom-store-");
        try
        {
            JsonLinesStore store = new(folder.FullName);
            await using var engine = new SyncEngineBuilder()
                .Configure(options =>
                {
                    options.Url = PostgrestDouble.Url;
                    options.ApiKey = PostgrestDouble.ApiKey;
                    options.AccessTokenProvider = (_, _) => new(new AccessToken(server.CreateToken("user-1")));
                    options.Datasets.Add(artifacts);
                })
                .UseLocalStore(store)
                .UseCheckpointStore(new FileCheckpointStore(Path.Combine(folder.FullName, "checkpoints")))
                .UseHttpMessageHandler(server)
                .Build();
            await engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
            Assert.Equal(2, store.ReadRows("artifacts").Count());

            table.Delete("2");
            var result = await engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

            Assert.Equal((SyncOutcome.Completed, 1L), (result.Outcome, result.Datasets[0].Deleted));
            Assert.Contains("\"name\":\"stays\"", Assert.Single(store.ReadRows("artifacts")), StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private sealed class Suite : LocalStoreConformance
    {
        private readonly string _folder = Directory.CreateTempSubdirectory("agent-sync-custom-store-").FullName;

        public override ValueTask DisposeAsync()
        {
            Directory.Delete(_folder, recursive: true);
            return base.DisposeAsync();
        }

        protected override ValueTask<ILocalStore> OpenAsync() => ValueTask.FromResult<ILocalStore>(new JsonLinesStore(_folder));

        protected override ValueTask<IReadOnlyList<IReadOnlyDictionary<string, string?>>> ReadRowsAsync(ILocalStore store, Dataset dataset) =>
            ValueTask.FromResult<IReadOnlyList<IReadOnlyDictionary<string, string?>>>(
                [.. ((JsonLinesStore)store).ReadRows(dataset.LocalTable).Select(line => Read(line, dataset))]);

        private static Dictionary<string, string?> Read(string line, Dataset dataset)
        {
            using var document = JsonDocument.Parse(line);
            return dataset.Columns.ToDictionary(
                static column => column.Name,
                column => !document.RootElement.TryGetProperty(column.LocalName, out var value) || value.ValueKind == JsonValueKind.Null ? null
                    : value.ValueKind == JsonValueKind.String && column.Type != ColumnType.Json ? value.GetString() : value.GetRawText());
        }
    }
}
