using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Auth;

public sealed class AccessTokenTests(BackendFixture backends)
{
    [Fact]
    public async Task SyncAsync_NoSession_FailsAuthRequiredWithoutARequest()
    {
        var user = await backends.Main.SignUpWithRowsAsync(10);
        await using var device = new Device(backends.Main, user);
        device.Requests.Token = null;

        var failure = await Assert.ThrowsAsync<SyncAuthException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.AuthRequired, failure.Kind);
    }

    [Fact]
    public async Task SyncAsync_SessionEndsMidRun_FailsAuthRequiredAndKeepsWhatWasCommitted()
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        await using var device = new Device(backends.Main, user)
        {
            Configure = static options => (options.PageSize, options.Commit.Interval) = (20, TimeSpan.Zero),
        };
        device.Requests.Before = number =>
        {
            device.Requests.Token = number >= 6 ? null : user.Token;
            return Task.CompletedTask;
        };

        var failure = await Assert.ThrowsAsync<SyncAuthException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.AuthRequired, failure.Kind);
        Assert.InRange(await device.CountAsync(), 20, 100);
        device.Requests.Before = null;
        device.Requests.Token = user.Token;
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_TokenRefusedOnce_RefreshesOnceAndGoesOn()
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        var expired = TokenMint.Mint(backends.Main, user.Id, TimeProvider.System.GetUtcNow().AddHours(-1));
        await using var device = new Device(backends.Main, user) { Configure = static options => options.PageSize = 20 };
        var refreshes = 0;
        var current = user.Token;
        device.Requests.Source = (refused, _) =>
        {
            if (refused is not null)
            {
                Assert.Equal(expired.Value, refused.Value);
                refreshes++;
                current = user.Token;
            }
            else if (device.Requests.Count == 5)
            {
                current = expired;
            }

            return ValueTask.FromResult<AccessToken?>(current);
        };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.Equal(1, refreshes);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_EveryTokenRefused_FailsAuthRequiredAfterOneRefresh()
    {
        var user = await backends.Main.SignUpWithRowsAsync(20);
        var refreshes = 0;
        await using var device = new Device(backends.Main, user);
        device.Requests.Source = (refused, _) =>
        {
            refreshes += refused is null ? 0 : 1;
            return ValueTask.FromResult<AccessToken?>(
                TokenMint.Mint(backends.Main, user.Id, TimeProvider.System.GetUtcNow().AddHours(-1 - refreshes)));
        };

        var failure = await Assert.ThrowsAsync<SyncAuthException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.AuthRequired, failure.Kind);
        Assert.Equal(1, refreshes);
    }

    [Fact]
    public async Task SyncAsync_SecretKeyAsApiKey_IsRefused()
    {
        var user = await backends.Main.SignUpWithRowsAsync(10);
        await using var device = new Device(backends.Main, user);
        device.Configure = options => options.ApiKey = backends.Main.Host.SecretKey;

        var failure = await Record.ExceptionAsync(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.NotNull(failure);
        Assert.DoesNotContain(backends.Main.Host.SecretKey, failure.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, device.Requests.Count);
    }

    [Fact]
    public async Task SyncAsync_ServiceRoleToken_IsRefused()
    {
        var user = await backends.Main.SignUpWithRowsAsync(10);
        await using var device = new Device(backends.Main, user);
        device.Requests.Token = TokenMint.Mint(backends.Main, user.Id, TimeProvider.System.GetUtcNow().AddHours(1), "service_role");

        var failure = await Assert.ThrowsAsync<SyncAuthException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.SecretKeyRefused, failure.Kind);
    }

    [Fact]
    public async Task SyncAsync_TableWithoutGrant_FailsPermissionDeniedNamingTheGrant()
    {
        var user = await backends.Main.SignUpAsync();
        await using var device = new Device(backends.Main, user, Datasets.Locked);

        var failure = await Assert.ThrowsAnyAsync<SyncException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Equal(SyncErrorKind.PermissionDenied, failure.Kind);
        Assert.False(failure.IsTransient);
        Assert.Contains("grant select", failure.Message, StringComparison.OrdinalIgnoreCase);
    }
}
