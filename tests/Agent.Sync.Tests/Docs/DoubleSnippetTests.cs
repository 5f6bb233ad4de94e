using System.Net;
using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Docs;

/// <summary>What the page about tests shows, run.</summary>
public sealed class DoubleSnippetTests
{
    [Fact]
    public async Task SyncAsync_AgainstTheDouble_RetriesAndApplies()
    {
        var artifacts = Dataset.Define("artifacts").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).UpdatedAt("updated_at").Build();
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
                options.AccessTokenProvider = (_, _) => new(new AccessToken(server.CreateToken("user-1")));
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

    [Fact]
    public async Task SyncAsync_OfEdits_PushesThemToTheDouble()
    {
        var artifacts = Dataset.Define("artifacts").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).UpdatedAt("updated_at").Build();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using var server = new PostgrestDouble(TimeProvider.System);
        var store = new InMemoryTransactionalStore();
        await using var engine = Build(server, artifacts, store);

        // snippet: two-way
        // A check constraint, by its SQLSTATE; EnableKit() lets the double play the SQL kit.
        var table = server.AddTable(artifacts).AddCheck("name_check", row => row.Contains("Bad", StringComparison.Ordinal) ? "23514" : null).EnableKit();
        table.Insert("""{"id":1,"name":"First"}""");
        await engine.SyncAsync(cancellationToken: cancellationToken);

        store.Update(artifacts, """{"name":"Mine"}""", "1");
        store.Insert(artifacts, """{"id":2,"name":"Bad"}""");
        var result = await engine.SyncAsync(cancellationToken: cancellationToken);

        Assert.Equal((1, 1), (result.Datasets[0].Pushed, result.Datasets[0].Rejected));
        Assert.Contains("Mine", table.FindRow("1"), StringComparison.Ordinal);
        var rejected = Assert.Single(await store.ListChangesAsync(artifacts, ChangeState.Quarantined, after: 0, limit: 10, cancellationToken));
        Assert.Equal(("23514", "name_check"), (rejected.Code, rejected.Constraint));
        // end snippet
    }

    [Fact]
    public async Task SyncAsync_WithAPlannedFault_GetsOverIt()
    {
        var artifacts = Dataset.Define("artifacts").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).UpdatedAt("updated_at").Build();
        CancellationToken cancellationToken = TestContext.Current.CancellationToken;
        using var server = new PostgrestDouble(TimeProvider.System);
        var table = server.AddTable(artifacts);
        var store = new InMemoryTransactionalStore();
        Func<ILocalStore, SyncEngine> build = faulty => Build(server, artifacts, faulty);

        // snippet: two-way-faults
        // The store settles the answer, and the news of it is lost, once.
        var plan = new FaultPlan(seed: 1, share: 1, FaultKind.SettleFailsAfter) { MaxFaults = 1 };
        await using var engine = build(new FaultyTransactionalStore(store, store, plan));
        await engine.SyncAsync(cancellationToken: cancellationToken);
        store.Insert(artifacts, """{"id":2,"name":"Mine"}""");

        await Assert.ThrowsAsync<SyncStoreException>(() => engine.SyncAsync(cancellationToken: cancellationToken));
        await engine.SyncAsync(cancellationToken: cancellationToken);

        Assert.Equal(1, plan.CountOf(FaultKind.SettleFailsAfter));
        Assert.Equal(table.FindRow("2"), store.FindRow("artifacts", "2"));
        // end snippet
    }

    private static SyncEngine Build(PostgrestDouble server, Dataset artifacts, ILocalStore store) => new SyncEngineBuilder()
        .Configure(options =>
        {
            options.Url = PostgrestDouble.Url;
            options.ApiKey = PostgrestDouble.ApiKey;
            options.AccessTokenProvider = (_, _) => new(new AccessToken(server.CreateToken("user-1")));
            options.Datasets.Add(artifacts);
        })
        .UseLocalStore(store)
        .UseHttpMessageHandler(server)
        .Build();
}
