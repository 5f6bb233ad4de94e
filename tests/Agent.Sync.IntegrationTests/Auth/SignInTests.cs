using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Contract;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Auth;

/// <summary>The ways to sign in without a password, and the file that keeps the session, against the backend.</summary>
public sealed class SignInTests(BackendFixture backends) : IDisposable
{
    private readonly CheckedRequests _sent = new();

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignInAnonymously_Twice_AreTwoUsersAndEachSeesItsOwnRows()
    {
        using var one = NewSession();
        using var other = NewSession();
        await one.SignInAnonymouslyAsync(Cancellation);
        await other.SignInAnonymouslyAsync(Cancellation);
        await backends.Main.InsertArtifactsAsync(UserOf(one), 7);
        await backends.Main.InsertArtifactsAsync(UserOf(other), 3);

        Assert.Equal((7, 3), (await PulledAsync(one), await PulledAsync(other)));
    }

    [Fact]
    public async Task SignInAnonymously_TokenRefused_IsTheSameUserAfterTheRefresh()
    {
        using var session = NewSession();
        await session.SignInAnonymouslyAsync(Cancellation);
        var user = session.UserId;
        var token = await session.GetAccessTokenAsync(null, Cancellation);

        Assert.NotEqual(token!.Value, (await session.GetAccessTokenAsync(token, Cancellation))!.Value);
        Assert.Equal(user, session.UserId);
    }

    [Fact]
    public async Task SignInWithEmailCode_UserWithRows_PullsThem()
    {
        var user = await backends.Main.SignUpWithRowsAsync(12);
        using var session = NewSession();

        await session.SendEmailCodeAsync(user.Email, createUser: false, Cancellation);
        var code = await backends.Main.ReadCodeAsync(user.Email);
        var wrong = await Assert.ThrowsAsync<SyncAuthException>(() => session.SignInWithEmailCodeAsync(user.Email, code == "000000" ? "111111" : "000000", Cancellation));
        await session.SignInWithEmailCodeAsync(user.Email, code, Cancellation);
        var again = await Assert.ThrowsAsync<SyncAuthException>(() => session.SignInWithEmailCodeAsync(user.Email, code, Cancellation));

        Assert.Equal(("otp_expired", "otp_expired"), (wrong.Code, again.Code));
        Assert.Equal(user.Id.ToString(), session.UserId);
        Assert.Equal(12, await PulledAsync(session));
    }

    [Fact]
    public async Task SendEmailCode_NobodyHasTheAddressAndNoneMayBeMade_IsRefused()
    {
        using var session = NewSession();

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => session.SendEmailCodeAsync($"{Guid.NewGuid():N}@example.test", createUser: false, Cancellation));

        Assert.Equal("otp_disabled", exception.Code);
    }

    [Fact]
    public async Task SignInWithPhoneCode_Twice_IsTheSameUser()
    {
        using var session = NewSession();
        var phone = $"+1555{Math.Abs(Guid.NewGuid().GetHashCode())}";

        var first = await ByPhoneAsync();
        await session.SignOutAsync(Cancellation);
        var second = await ByPhoneAsync();

        Assert.NotNull(first);
        Assert.Equal(first, second);

        async Task<string?> ByPhoneAsync()
        {
            await session.SendPhoneCodeAsync(phone, cancellationToken: Cancellation);
            await session.SignInWithPhoneCodeAsync(phone, await backends.Main.ReadCodeAsync(phone), Cancellation);
            return session.UserId;
        }
    }

    [Fact]
    public async Task StateFile_TwoSessionsOfOneFile_RefreshInTurnsAndStaySignedIn()
    {
        var backend = await backends.GetShortAsync();
        var user = await backend.SignUpWithRowsAsync(5);
        var file = Directory.CreateTempSubdirectory("agent-sync-");
        try
        {
            var path = Path.Combine(file.FullName, "session.json");
            using var first = NewSession(path, backend);
            await first.SignInAsync(user.Email, TestUser.Password, Cancellation);
            using var second = NewSession(path, backend);

            // These tokens end within seconds, so each call asks for another one.
            for (var round = 0; round < 3; round++)
            {
                await Task.WhenAll(Enumerable.Range(0, 4).Select(async index => Assert.NotNull(await (index % 2 == 0 ? first : second).GetAccessTokenAsync(null, Cancellation))));
            }

            using var third = NewSession(path, backend);
            Assert.Equal(user.Id.ToString(), third.UserId);
            Assert.NotNull(await third.GetAccessTokenAsync(null, Cancellation));
        }
        finally
        {
            file.Delete(recursive: true);
        }
    }

    public void Dispose() => _sent.Dispose();

    private static TestUser UserOf(SupabaseSession session) => new(string.Empty, Guid.Parse(session.UserId!), new AccessToken("unused"));

    private async Task<long> PulledAsync(SupabaseSession session)
    {
        await using var device = new Device(backends.Main, UserOf(session));
        device.Requests.Source = session.GetAccessTokenAsync;
        await device.SyncAsync(cancellationToken: Cancellation);
        return await device.CountAsync();
    }

    private SupabaseSession NewSession(string? file = null, Backend? backend = null) => new(new SupabaseSessionOptions
    {
        Url = (backend ?? backends.Main).Host.Url,
        ApiKey = (backend ?? backends.Main).Host.PublishableKey,
        AllowInsecureLoopback = true,
        StateFile = file,
        Handler = _sent.HandlerFor(),
    });
}
