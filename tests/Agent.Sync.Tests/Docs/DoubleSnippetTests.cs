using System.Net;
using Agent.Sync.Engine;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Docs;

/// <summary>What the page about tests shows, run.</summary>
public sealed class DoubleSnippetTests
{
    [Fact]
    public async Task SyncAsync_AgainstTheDouble_RetriesAndApplies()
    {
        var artifacts = Dataset.Define("artifacts").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Cursor("updated_at").Build();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;

        // snippet: double
        using var server = new PostgrestDouble(TimeProvider.System);
        server.AddTable(artifacts).Insert("""{"id":1,"name":"First"}""");
        server.Enqueue(ScriptedResponse.Error(HttpStatusCode.ServiceUnavailable));
        var store = new InMemoryTransactionalStore();

        await using var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessToken = (_, _) => new(new AccessToken(server.CreateToken("user-1")));
                options.Retry.Delay = TimeSpan.FromMilliseconds(1);
                options.Datasets.Add(artifacts);
            })
            .UseLocalStore(store)
            .UseHttpMessageHandler(server)
            .Build();

        var result = await engine.SyncAsync(cancellationToken: cancellationToken);

        Assert.Equal(1, result.Applied);
        Assert.Equal(1, result.Datasets[0].Retries);
        Assert.Single(store.GetRows("artifacts"));
        // end snippet
    }
}
