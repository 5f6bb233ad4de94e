using System.Text.Json;
using Agent.Sync.Testing;

namespace Agent.Sync.Supabase.Tests;

/// <summary>An engine over the official client's shape, against the local backend.</summary>
public sealed class UseSupabaseClientTests(LocalBackendFixture backend) : IDisposable
{
    private readonly RefusingHandler _sent = new() { Refuses = false };

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SyncAsync_SignedIn_PullsThatUsersRowsAndPushesItsEdits()
    {
        var client = await SignedInAsync(rows: 7);
        await SignedInAsync(rows: 3);
        InMemoryTransactionalStore store = new();
        await using var engine = Build(client, store);

        await engine.SyncAsync(cancellationToken: Cancellation);
        var rows = store.GetRows("artifacts");
        var id = JsonDocument.Parse(rows[0]).RootElement.GetProperty("id").GetString()!;
        store.Update(SampleDatasets.Artifacts, """{"name":"edited"}""", id);
        (await engine.SyncAsync(cancellationToken: Cancellation)).EnsureCompleted();

        Assert.Equal(7, rows.Count);
        Assert.Equal("edited", (await backend.Host.SqlAsync($"select name from public.artifacts where id = '{id}'", cancellationToken: Cancellation))[0].GetProperty("name").GetString());
    }

    [Fact]
    public async Task SyncAsync_NobodySignedIn_IsRefusedWithoutARequest()
    {
        await using var engine = Build(backend.CreateClient(), new InMemoryTransactionalStore());

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => engine.SyncAsync(cancellationToken: Cancellation));

        Assert.Equal(SyncErrorKind.AuthRequired, exception.Kind);
        Assert.Contains("nobody is signed in to the Supabase client", exception.Message, StringComparison.Ordinal);
        Assert.Empty(_sent.Tokens);
    }

    [Fact]
    public async Task SyncAsync_TokenRefused_ClientRefreshesItAndTheRunGoesOn()
    {
        var client = await SignedInAsync(rows: 5);
        var before = client.Auth.CurrentSession!;
        _sent.Refuses = true;
        await using var engine = Build(client, new InMemoryTransactionalStore());

        (await engine.SyncAsync(cancellationToken: Cancellation)).EnsureCompleted();

        Assert.NotEqual(before.RefreshToken, client.Auth.CurrentSession!.RefreshToken);
        Assert.Equal(before.AccessToken, _sent.Tokens[0]);
        Assert.Equal(client.Auth.CurrentSession.AccessToken, _sent.Tokens[^1]);
    }

    [Fact]
    public async Task SyncAsync_SessionEndedOnTheServer_SaysToSignInAgain()
    {
        var client = await SignedInAsync(rows: 1);
        await backend.Host.SqlAsync($"delete from auth.refresh_tokens where user_id::text = '{client.Auth.CurrentUser!.Id}'", cancellationToken: Cancellation);
        _sent.Refuses = true;
        await using var engine = Build(client, new InMemoryTransactionalStore());

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => engine.SyncAsync(cancellationToken: Cancellation));

        Assert.Contains("is over", exception.Message, StringComparison.Ordinal);
        Assert.Null(client.Auth.CurrentSession);
    }

    [Fact]
    public async Task SyncAsync_RefreshWithoutANetwork_IsTransient()
    {
        var client = await SignedInAsync(rows: 1);
        client.Auth.Online = false;
        _sent.Refuses = true;
        await using var engine = Build(client, new InMemoryTransactionalStore());

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => engine.SyncAsync(cancellationToken: Cancellation));

        Assert.Equal((SyncErrorKind.Unreachable, true), (exception.Kind, exception.IsTransient));
        Assert.NotNull(client.Auth.CurrentSession);
    }

    [Fact]
    public async Task SyncAsync_SignedOutSinceTheLastRun_IsRefused()
    {
        var client = await SignedInAsync(rows: 2);
        await using var engine = Build(client, new InMemoryTransactionalStore());
        await engine.SyncAsync(cancellationToken: Cancellation);

        await client.Auth.SignOut();
        var sent = _sent.Tokens.Count;

        await Assert.ThrowsAsync<SyncAuthException>(() => engine.SyncAsync(cancellationToken: Cancellation));
        Assert.Equal(sent, _sent.Tokens.Count);
    }

    [Fact]
    public async Task SyncAsync_AnotherUserSignedInSince_EndsBeforeAnythingOfTheirsIsApplied()
    {
        var client = await SignedInAsync(rows: 4);
        InMemoryTransactionalStore store = new();
        await using var engine = Build(client, store);
        await engine.SyncAsync(cancellationToken: Cancellation);
        var before = store.GetRows("artifacts").Order(StringComparer.Ordinal).ToArray();

        await client.Auth.SignInWithPassword(await backend.SignUpAsync(9), LocalBackendFixture.Password);
        var result = await engine.SyncAsync(cancellationToken: Cancellation);

        Assert.Equal(SyncOutcome.UserChanged, result.Outcome);
        Assert.Equal(before, store.GetRows("artifacts").Order(StringComparer.Ordinal));
    }

    [Fact]
    public async Task SyncAsync_TwoEnginesOfTwoClients_AreTwoUsers()
    {
        InMemoryTransactionalStore one = new();
        InMemoryTransactionalStore other = new();
        await using var first = Build(await SignedInAsync(rows: 2), one);
        await using var second = Build(await SignedInAsync(rows: 5), other);

        await Task.WhenAll(first.SyncAsync(cancellationToken: Cancellation), second.SyncAsync(cancellationToken: Cancellation));

        Assert.Equal((2, 5), (one.GetRows("artifacts").Count, other.GetRows("artifacts").Count));
    }

    public void Dispose() => _sent.Dispose();

    private async Task<global::Supabase.Client> SignedInAsync(int rows)
    {
        var client = backend.CreateClient();
        await client.Auth.SignInWithPassword(await backend.SignUpAsync(rows), LocalBackendFixture.Password);
        return client;
    }

    private SyncEngine Build(global::Supabase.Client client, InMemoryTransactionalStore store) => new SyncEngineBuilder()
        .UseSupabaseClient(client)
        .Configure(static options => (options.AllowInsecureLoopback, options.Retry.MaxRetries) = (true, 0))
        .UseHttpMessageHandler(_sent)
        .UseLocalStore(store)
        .AddDataset(SampleDatasets.Artifacts)
        .Build();
}
