using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;
using Agent.Sync.Testing;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Contract;

/// <summary>docs/openapi.json against the backend: nothing else is sent, and everything in it is.</summary>
public sealed class EveryRequestTests(BackendFixture backends) : IDisposable
{
    private readonly CheckedRequests _sent = new();

    [Fact]
    public async Task Description_EveryPurposeInIt_IsSent()
    {
        var user = await backends.Main.SignUpWithRowsAsync(80, new SeedOptions { Projects = 80 });

        await UseSessionAsync(user);
        await SyncEditsAsync(user, SqlKitMode.Require, ConflictPolicy.ServerWins, marksDeletes: true);
        await SyncEditsAsync(user, SqlKitMode.Ignore, ConflictPolicy.ServerWins, marksDeletes: true);
        await SyncEditsAsync(user, SqlKitMode.Ignore, ConflictPolicy.ServerWins, marksDeletes: false);
        await SyncEditsAsync(user, SqlKitMode.Ignore, ConflictPolicy.LocalWins, marksDeletes: true);
        await SyncEditsAsync(user, SqlKitMode.Ignore, ConflictPolicy.LocalWins, marksDeletes: false);
        await SyncEditsAsync(user, SqlKitMode.Ignore, ConflictPolicy.ServerWins, marksDeletes: false, static own => new FirstRefused(own));
        await PullManyPagesAsync(user);
        await LookAsync(user);

        Assert.Equal(CheckedRequests.Contract.Uses, _sent.Log.Uses.Order(StringComparer.Ordinal));
    }

    public void Dispose() => _sent.Dispose();

    private async Task UseSessionAsync(TestUser user)
    {
        using var session = new SupabaseSession(new SupabaseSessionOptions
        {
            Url = backends.Main.Host.Url,
            ApiKey = backends.Main.Host.PublishableKey,
            AllowInsecureLoopback = true,
            Handler = _sent.HandlerFor(),
        });
        await session.SignInAsync(user.Email, TestUser.Password, TestContext.Current.CancellationToken);
        var token = await session.GetAccessTokenAsync(null, TestContext.Current.CancellationToken);
        await session.GetAccessTokenAsync(token, TestContext.Current.CancellationToken);
        await session.SignOutAsync(TestContext.Current.CancellationToken);
        await session.SignInAnonymouslyAsync(TestContext.Current.CancellationToken);
        await session.SendEmailCodeAsync(user.Email, cancellationToken: TestContext.Current.CancellationToken);
        await session.SignInWithEmailCodeAsync(user.Email, await backends.Main.ReadCodeAsync(user.Email), TestContext.Current.CancellationToken);
        await session.SendPhoneCodeAsync("+15550100001", cancellationToken: TestContext.Current.CancellationToken);
        await session.SignInWithPhoneCodeAsync("+15550100001", await backends.Main.ReadCodeAsync("+15550100001"), TestContext.Current.CancellationToken);
    }

    /// <summary>Pulls as over a distance, where several requests at once pay, and verifies what came.</summary>
    private async Task PullManyPagesAsync(TestUser user)
    {
        Dataset[] datasets = [Datasets.Projects, Datasets.Artifacts];
        await using var device = new Device(backends.Main, user, datasets) { Configure = static options => options.PageSize = 5 };
        await using var engine = (IAsyncDisposable)device.Build(builder =>
            builder.UseLocalStore(new InMemoryTransactionalStore()).UseHttpMessageHandler(_sent.HandlerFor(datasets, static own => new FarAway(own))));
        await ((ISyncEngine)engine).SyncAsync(new SyncRequest(), cancellationToken: TestContext.Current.CancellationToken);
        foreach (var dataset in datasets)
        {
            await ((ISyncEngine)engine).VerifyAsync(dataset.Name, cancellationToken: TestContext.Current.CancellationToken);
        }
    }

    /// <summary>Diagnoses, with the kit and without, and with a column that the server seems to lack; and explains a row of another owner, which has no tombstone for the user.</summary>
    private async Task LookAsync(TestUser user)
    {
        Dataset[] datasets = [Datasets.Projects, Datasets.Artifacts];
        foreach (var (kit, wrap) in new (SqlKitMode, Func<HttpMessageHandler, HttpMessageHandler>)[]
        {
            (SqlKitMode.Require, static own => own), (SqlKitMode.Ignore, static own => own), (SqlKitMode.Ignore, static own => new FirstColumnMissing(own)),
        })
        {
            await using var device = new Device(backends.Main, user, datasets) { Configure = options => options.SqlKit = kit };
            await using var engine = (IAsyncDisposable)device.Build(builder => builder.UseLocalStore(new InMemoryTransactionalStore()).UseHttpMessageHandler(_sent.HandlerFor(datasets, wrap)));
            await ((ISyncEngine)engine).DiagnoseAsync(cancellationToken: TestContext.Current.CancellationToken);
            foreach (var dataset in datasets)
            {
                await ((ISyncEngine)engine).ExplainAsync(dataset.Name, $$"""{"id":"{{Guid.NewGuid()}}"}""", TestContext.Current.CancellationToken);
            }
        }
    }

    /// <summary>Pulls, and pushes a new row, one whose key is taken, a changed row and a deleted one of each table.</summary>
    private async Task SyncEditsAsync(
        TestUser user, SqlKitMode kit, ConflictPolicy conflicts, bool marksDeletes, Func<HttpMessageHandler, HttpMessageHandler>? wrap = null)
    {
        Dataset[] datasets = marksDeletes ? [Datasets.Projects, Datasets.Artifacts] : [WithoutDeletedAt(Datasets.Projects), WithoutDeletedAt(Datasets.Artifacts)];
        await using var device = new Device(backends.Main, user, datasets)
        {
            Configure = options =>
            {
                options.SqlKit = kit;
                options.Push.ConflictPolicy = conflicts;
            },
        };
        var store = new InMemoryTransactionalStore();
        await using var engine = (IAsyncDisposable)device.Build(builder =>
            builder.UseLocalStore(store).UseHttpMessageHandler(_sent.HandlerFor(datasets, wrap ?? (static own => own))));
        var id = Guid.NewGuid().ToString();
        var taken = Guid.NewGuid().ToString();
        await SyncAsync();
        await backends.Main.SqlAsync($"insert into public.projects (id, owner_id, name) values ('{taken}', '{user.Id}', 'theirs')");
        await backends.Main.SqlAsync($"insert into public.artifacts (id, owner_id, type, name) values ('{taken}', '{user.Id}', 'note', 'theirs')");
        await EditAsync(dataset =>
        {
            store.Insert(dataset, NewRow(dataset, id, user));
            store.Insert(dataset, NewRow(dataset, taken, user));
        });
        await EditAsync(dataset => store.Update(dataset, """{"name":"changed"}""", id));
        await EditAsync(dataset => store.Delete(dataset, id));

        async Task EditAsync(Action<Dataset> edit)
        {
            foreach (var dataset in datasets)
            {
                edit(dataset);
            }

            await SyncAsync();
        }

        Task<SyncResult> SyncAsync() => ((ISyncEngine)engine).SyncAsync(new SyncRequest(), cancellationToken: TestContext.Current.CancellationToken);
    }

    private static string NewRow(Dataset dataset, string id, TestUser user) => dataset.Name == "projects"
        ? $$"""{"id":"{{id}}","owner_id":"{{user.Id}}","name":"ours"}"""
        : $$"""{"id":"{{id}}","owner_id":"{{user.Id}}","type":"note","name":"ours","metadata":{},"is_public":false}""";

    private static Dataset WithoutDeletedAt(Dataset dataset)
    {
        var builder = Dataset.Define(dataset.RemoteTable);
        for (var ordinal = 0; ordinal < dataset.Columns.Count; ordinal++)
        {
            var column = dataset.Columns[ordinal];
            _ = dataset.KeyOrdinals.Contains(ordinal) ? builder.Key(column.Name, column.Type)
                : ordinal == dataset.CursorOrdinal ? builder.UpdatedAt(column.Name)
                : ordinal == dataset.VersionOrdinal ? builder.Version(column.Name)
                : builder.Column(column.Name, column.Type);
        }

        return builder.Build();
    }
}
