using Agent.Sync.Auth;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Configuration;

namespace Agent.Sync.Tests.Auth;

public sealed class ProviderFailureTests
{
    [Fact]
    public async Task SyncAsync_SessionNobodySignedInto_SpeaksOfTheSession()
    {
        using SupabaseSession session = new("https://abc.supabase.co", "sb_publishable_key");
        using var engine = new SyncEngineBuilder(TestOptions.NoEnvironment)
            .UseSession(session).UseLocalStore(new InMemoryTransactionalStore()).AddDataset(TestOptions.Dataset("artifacts")).Build();

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => engine.SyncAsync(new SyncRequest(), cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal("No session means no sync: nobody is signed in. Sign the user in with the session and sync again.", exception.Message);
    }

    [Fact]
    public void Messages_TokensOfASession_NameNothingTheAppDidNotWrite()
    {
        using SupabaseSession session = new("https://abc.supabase.co", "sb_publishable_key");

        Assert.All(MessagesOf(session.GetAccessTokenAsync), static message =>
        {
            Assert.DoesNotContain("delegate", message, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain("AccessToken", message, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Messages_TokensOfTheApp_NameTheOption() =>
        Assert.All(MessagesOf(static (_, _) => default), static message => Assert.Contains("AccessTokenProvider", message, StringComparison.Ordinal));

    private static string[] MessagesOf(Func<AccessToken?, CancellationToken, ValueTask<AccessToken?>> provider)
    {
        ProviderFailure failure = new(provider);
        SyncException[] all =
        [
            failure.NoSession(), failure.NotAJwt(), failure.NotSendable(), failure.NotAUser(), failure.Threw(new InvalidOperationException()), failure.TimedOut(), failure.NoTokenInTime("1"),
        ];
        return [.. all.Select(static exception => exception.Message)];
    }
}
