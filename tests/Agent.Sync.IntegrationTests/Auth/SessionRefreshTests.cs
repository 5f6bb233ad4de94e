using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Contract;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;

namespace Agent.Sync.IntegrationTests.Auth;

/// <summary>Sessions against the backend whose tokens end within seconds.</summary>
public sealed class SessionRefreshTests(BackendFixture backends) : IDisposable
{
    private readonly CheckedRequests _sent = new();

    [Fact]
    public async Task SyncAsync_TokensThatEndSoon_AreRefreshedBeforeTheyDo()
    {
        var backend = await backends.GetShortAsync();
        var user = await backend.SignUpWithRowsAsync(200);
        var states = new List<SupabaseSessionState?>();
        using var session = NewSession(backend, TimeProvider.System, states);
        await session.SignInAsync(user.Email, TestUser.Password, TestContext.Current.CancellationToken);
        await using var device = NewDevice(backend, user, session);

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(0, result.Datasets[0].Retries);
        Assert.True(states.Count > 1);
        Assert.Equal(user.Id.ToString(), session.UserId);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_TokenExpiresMidRun_IsRefreshedOnceAndTheRunGoesOn()
    {
        var backend = await backends.GetShortAsync();
        var user = await backend.SignUpWithRowsAsync(200);
        var states = new List<SupabaseSessionState?>();

        // The device's clock is slow, so it is the server that says that the token has ended.
        using var session = NewSession(backend, new OffsetClock(TimeSpan.FromHours(-1)), states);
        await session.SignInAsync(user.Email, TestUser.Password, TestContext.Current.CancellationToken);
        await using var device = NewDevice(backend, user, session);
        device.Requests.Before = async number =>
        {
            if (number == 6)
            {
                await backend.SqlAsync($"select pg_sleep({BackendFixture.ShortJwtExpiry.TotalSeconds + 1})");
            }
        };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.True(states.Count > 1);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_StateRestoredAfterARestart_GoesOnWithoutSigningIn()
    {
        var user = await backends.Main.SignUpWithRowsAsync(50);
        var states = new List<SupabaseSessionState?>();
        using (var first = NewSession(backends.Main, TimeProvider.System, states))
        {
            await first.SignInAsync(user.Email, TestUser.Password, TestContext.Current.CancellationToken);
        }

        using var second = NewSession(backends.Main, TimeProvider.System, states, states[^1]);
        await using var device = NewDevice(backends.Main, user, second);

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_SignedOutMidRun_FailsAuthRequired()
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        using var session = NewSession(backends.Main, TimeProvider.System, []);
        await session.SignInAsync(user.Email, TestUser.Password, TestContext.Current.CancellationToken);
        await using var device = NewDevice(backends.Main, user, session);
        device.Requests.Before = number => number == 6 ? session.SignOutAsync() : Task.CompletedTask;

        var failure = await Assert.ThrowsAsync<SyncAuthException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.AuthRequired, failure.Kind);
        Assert.InRange(await device.CountAsync(), 20, 120);
    }

    [Fact]
    public async Task SignInAsync_WrongPassword_FailsTypedWithoutTheAddress()
    {
        var user = await backends.Main.SignUpAsync();
        using var session = NewSession(backends.Main, TimeProvider.System, []);

        var failure = await Assert.ThrowsAsync<SyncAuthException>(
            () => session.SignInAsync(user.Email, "not-the-password", TestContext.Current.CancellationToken));

        Assert.DoesNotContain(user.Email, failure.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("not-the-password", failure.ToString(), StringComparison.Ordinal);
        Assert.Null(session.UserId);
    }

    public void Dispose() => _sent.Dispose();

    private SupabaseSession NewSession(
        Backend backend, TimeProvider time, List<SupabaseSessionState?> states, SupabaseSessionState? state = null) => new(new SupabaseSessionOptions
        {
            Url = backend.Host.Url,
            ApiKey = backend.Host.PublishableKey,
            AllowInsecureLoopback = true,
            Time = time,
            State = state,
            Handler = _sent.HandlerFor(),
            StateChanged = changed =>
            {
                states.Add(changed);
                return ValueTask.CompletedTask;
            },
        });

    private static Device NewDevice(Backend backend, TestUser user, SupabaseSession session)
    {
        var device = new Device(backend, user) { Configure = static options => (options.PageSize, options.Commit.Interval) = (20, TimeSpan.Zero) };
        device.Requests.Source = session.GetAccessTokenAsync;
        return device;
    }
}
