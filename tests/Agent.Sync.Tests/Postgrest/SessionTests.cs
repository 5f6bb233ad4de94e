namespace Agent.Sync.Tests.Postgrest;

public sealed class SessionTests
{
    private readonly TransportHarness _harness = new();

    [Fact]
    public async Task OpenSession_Signed_KnowsSubjectAndRoleAndSendsNothing()
    {
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);

        Assert.Equal(("user-1", "authenticated"), (session.Subject, session.Role));
        Assert.Empty(_harness.Handler.Seen);
    }

    [Fact]
    public async Task OpenSession_NoToken_IsAuthRequired()
    {
        _harness.Token = null;

        Assert.Equal(SyncErrorKind.AuthRequired, (await OpenFails()).Kind);
    }

    [Fact]
    public async Task OpenSession_NoDelegate_IsAuthRequiredAndTheKeyIsNoSubstitute()
    {
        _harness.Options.AccessTokenProvider = null;

        Assert.Equal(SyncErrorKind.AuthRequired, (await OpenFails()).Kind);
    }

    [Theory]
    [InlineData("not-a-jwt-canary-5f1c")]
    [InlineData("a.b")]
    [InlineData("a.b.c.d")]
    [InlineData("..")]
    [InlineData("e30.e30.")]
    [InlineData("e30.bm90IGpzb24.e30")]
    public async Task OpenSession_TokenIsNoJwt_IsAuthRequired(string token)
    {
        _harness.Token = new AccessToken(token);

        var exception = await OpenFails();

        Assert.Equal(SyncErrorKind.AuthRequired, exception.Kind);
        _harness.AssertNothingLeaked(exception, token);
    }

    [Theory]
    [InlineData("""{"role":"anon"}""")]
    [InlineData("""{"sub":"user-1"}""")]
    [InlineData("""{"sub":"","role":"authenticated"}""")]
    [InlineData("""{"sub":"user-1","sub":"user-2","role":"authenticated"}""")]
    [InlineData("""{"sub":7,"role":"authenticated"}""")]
    [InlineData("""["user-1"]""")]
    public async Task OpenSession_TokenIsNoUsers_IsAuthRequired(string payload)
    {
        _harness.Token = new AccessToken(TestToken.Jwt(payload));

        Assert.Equal(SyncErrorKind.AuthRequired, (await OpenFails()).Kind);
    }

    [Fact]
    public async Task OpenSession_DelegateThrows_NamesTheTypeAndNoMore()
    {
        _harness.Options.AccessTokenProvider = (_, _) => throw new InvalidOperationException(Answers.Canary);

        var exception = await OpenFails();

        Assert.Equal(SyncErrorKind.AuthRequired, exception.Kind);
        Assert.Contains("InvalidOperationException", exception.Message, StringComparison.Ordinal);
        _harness.AssertNothingLeaked(exception);
    }

    [Fact]
    public async Task OpenSession_DelegateThrowsASyncException_LetsItThrough()
    {
        var expected = new SyncTransportException(SyncErrorKind.Unreachable, "offline", null, null, isTransient: true);
        _harness.Options.AccessTokenProvider = (_, _) => throw expected;

        Assert.Same(expected, await Assert.ThrowsAnyAsync<SyncException>(async () => await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation)));
    }

    [Fact]
    public async Task OpenSession_DelegateHangs_IsStillCancelled()
    {
        using var cancelled = new CancellationTokenSource();
        var never = new TaskCompletionSource<AccessToken?>();
        _harness.Options.AccessTokenProvider = (_, _) => new ValueTask<AccessToken?>(never.Task);
        var open = _harness.Client.OpenSessionAsync(_harness.Tally, cancelled.Token).AsTask();

        await cancelled.CancelAsync();

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => open);
    }

    [Fact]
    public async Task OpenSession_DelegateHangs_EndsAfterTheRequestsTimeLimit()
    {
        var never = new TaskCompletionSource<AccessToken?>();
        CancellationToken given = default;
        _harness.Options.AccessTokenProvider = (_, cancellationToken) =>
        {
            given = cancellationToken;
            return new ValueTask<AccessToken?>(never.Task);
        };
        var open = _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation).AsTask();

        _harness.Time.Advance(_harness.Options.Retry.RequestTimeout - TimeSpan.FromMilliseconds(1));
        Assert.False(open.IsCompleted);
        _harness.Time.Advance(TimeSpan.FromMilliseconds(1));
        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => open);

        Assert.Equal((SyncErrorKind.Timeout, true), (exception.Kind, exception.IsTransient));
        Assert.Contains("Retry.RequestTimeout", exception.Message, StringComparison.Ordinal);
        Assert.True(given.IsCancellationRequested);
    }

    [Theory]
    [InlineData("\n")]
    [InlineData("\r\nx-evil: 1")]
    [InlineData("\t")]
    [InlineData(" ")]
    [InlineData("\0")]
    [InlineData("\u007f")]
    [InlineData("\u00a0")]
    [InlineData("\u2028")]
    [InlineData("\ufeff")]
    [InlineData("=")]
    [InlineData("%")]
    [InlineData("\"")]
    [InlineData("\ud800")]
    public async Task OpenSession_TokenWithAForeignCharacter_IsRefusedAtEitherEndAndInside(string foreign)
    {
        var token = TestToken.Of().Value;
        foreach (var damaged in new[] { token + foreign, foreign + token, token.Insert(token.IndexOf('.', StringComparison.Ordinal), foreign), token.Insert(3, foreign) })
        {
            _harness.Token = new AccessToken(damaged);

            var exception = await OpenFails();

            Assert.Equal(SyncErrorKind.AuthRequired, exception.Kind);
            Assert.Contains("line break", exception.Message, StringComparison.Ordinal);
            _harness.AssertNothingLeaked(exception, token);
        }
    }

    [Fact]
    public void Client_SecretApiKey_IsRefused()
    {
        _harness.Options.ApiKey = "sb_secret_" + Answers.Canary;

        var exception = Assert.Throws<SyncAuthException>(() => _harness.Client);

        Assert.Equal(SyncErrorKind.SecretKeyRefused, exception.Kind);
        _harness.AssertNothingLeaked(exception);
    }

    [Fact]
    public void Client_ServiceRoleJwtAsApiKey_IsRefused()
    {
        _harness.Options.ApiKey = TestToken.Jwt("""{"role":"service_role"}""");

        Assert.Equal(SyncErrorKind.SecretKeyRefused, Assert.Throws<SyncAuthException>(() => _harness.Client).Kind);
    }

    [Theory]
    [InlineData("""{"role":"service_role"}""")]
    [InlineData("""{"sub":"user-1","role":"service_role"}""")]
    public async Task OpenSession_ServiceRoleToken_IsRefused(string payload)
    {
        _harness.Token = new AccessToken(TestToken.Jwt(payload));

        Assert.Equal(SyncErrorKind.SecretKeyRefused, (await OpenFails()).Kind);
    }

    [Fact]
    public async Task OpenSession_SecretKeyAsToken_IsRefused()
    {
        _harness.Token = new AccessToken("sb_secret_x");

        Assert.Equal(SyncErrorKind.SecretKeyRefused, (await OpenFails()).Kind);
    }

    [Theory]
    [InlineData("sb_secret_x", null)]
    [InlineData("jwt", "Bearer jwt")]
    public async Task GetPage_SecretKeyAllowed_NeedsNoDelegate(string key, string? authorization)
    {
        var jwt = TestToken.Jwt("""{"role":"service_role"}""");
        _harness.Options.ApiKey = key.Replace("jwt", jwt, StringComparison.Ordinal);
        _harness.Options.AllowRlsBypass = true;
        _harness.Options.AccessTokenProvider = null;
        _harness.Handler.Then(() => Answers.Page());

        await _harness.GetAsync();

        Assert.Equal(authorization?.Replace("jwt", jwt, StringComparison.Ordinal), _harness.Handler.Seen[0].Headers.GetValueOrDefault("Authorization"));
    }

    [Fact]
    public async Task GetPage_EveryRequest_AsksForTheToken()
    {
        _harness.Handler.Then(() => Answers.Page());
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);
        _harness.Token = TestToken.Of(number: 2);

        await session.GetPageAsync(TransportHarness.FirstPage, TransportHarness.Cancellation);

        Assert.Equal(2, _harness.TokenRequests.Count);
        Assert.Equal("Bearer " + TestToken.Of(number: 2).Value, _harness.Handler.Seen[0].Headers["Authorization"]);
    }

    [Theory]
    [InlineData("user-2", "authenticated")]
    [InlineData("user-1", "editor")]
    public async Task GetPage_TokenOfAnotherUser_StopsBeforeSending(string subject, string role)
    {
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);
        _harness.Token = TestToken.Of(subject, role);

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => session.GetPageAsync(TransportHarness.FirstPage, TransportHarness.Cancellation));

        Assert.True(exception.IsOfAnotherUser);
        Assert.Empty(_harness.Handler.Seen);
    }

    [Fact]
    public async Task GetPage_RefreshGivesAnotherUser_StopsBeforeSendingAgain()
    {
        _harness.Options.AccessTokenProvider = (refused, _) => new ValueTask<AccessToken?>(refused is null ? TestToken.Of() : TestToken.Of("user-2"));
        _harness.Handler.Then(() => Answers.Error(401, "PGRST301"));

        Assert.True((await _harness.FailAsync()).IsOfAnotherUser);
        Assert.Single(_harness.Handler.Seen);
    }

    [Theory]
    [InlineData("PGRST301")]
    [InlineData("PGRST303")]
    [InlineData(null)]
    public async Task GetPage_TokenRefusedOnce_RefreshesAndRetriesAtOnce(string? code)
    {
        _harness.Options.Retry.MaxRetries = 0;
        _harness.Options.AccessTokenProvider = (refused, _) => new ValueTask<AccessToken?>(TestToken.Of(number: refused is null ? 1 : 2));
        _harness.Handler.Then(() => Answers.Error(401, code)).Then(() => Answers.Page());

        var answer = await _harness.GetAsync();

        Assert.Equal(2, answer.Page.Count);
        Assert.Equal([0, 0], _harness.Handler.Seconds);
        Assert.Equal("Bearer " + TestToken.Of(number: 2).Value, _harness.Handler.Seen[1].Headers["Authorization"]);
    }

    [Fact]
    public async Task GetPage_RefreshFails_IsAuthRequired()
    {
        _harness.Options.AccessTokenProvider = (refused, _) => new ValueTask<AccessToken?>(refused is null ? TestToken.Of() : null);
        _harness.Handler.Then(() => Answers.Error(401, "PGRST301"));

        Assert.Equal(SyncErrorKind.AuthRequired, (await _harness.FailAsync()).Kind);
        Assert.Single(_harness.Handler.Seen);
    }

    [Fact]
    public async Task GetPage_RefreshThenServerErrors_KeepsToFourAttemptsInAll()
    {
        _harness.Handler.Then(() => Answers.Error(401, "PGRST303")).Then(() => Answers.Error(503, "PGRST001"));

        Assert.Equal(SyncErrorKind.ServerError, (await _harness.FailAsync()).Kind);
        Assert.Equal([0, 0, 1, 3], _harness.Handler.Seconds);
    }

    [Fact]
    public async Task GetPage_TwentyParallelRequestsRefused_ShareOneRefresh()
    {
        var refreshes = 0;
        var refreshed = new TaskCompletionSource<AccessToken?>();
        _harness.Options.AccessTokenProvider = (refused, _) =>
        {
            if (refused is null)
            {
                return new ValueTask<AccessToken?>(TestToken.Of(number: 1));
            }

            refreshes++;
            return new ValueTask<AccessToken?>(refreshed.Task);
        };
        var fresh = "Bearer " + TestToken.Of(number: 2).Value;
        _harness.Handler.Then((request, _) => Task.FromResult(
            request.Headers.NonValidated["Authorization"].ToString() == fresh ? Answers.Page() : Answers.Error(401, "PGRST301")));
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);

        var pages = Enumerable.Range(0, 20).Select(_ => session.GetPageAsync(TransportHarness.FirstPage, TransportHarness.Cancellation)).ToList();
        refreshed.SetResult(TestToken.Of(number: 2));
        await Task.WhenAll(pages);

        // One that is refused only now takes what the others got.
        await session.GetPageAsync(TransportHarness.FirstPage, TransportHarness.Cancellation);

        Assert.Equal(1, refreshes);
        Assert.Equal(42, _harness.Handler.Seen.Count);
    }

    [Fact]
    public async Task GetPage_OneOfTheSharersGivesUp_TheOthersGetTheirToken()
    {
        using var impatient = new CancellationTokenSource();
        var refreshed = new TaskCompletionSource<AccessToken?>();
        _harness.Options.AccessTokenProvider = (refused, _) => refused is null
            ? new ValueTask<AccessToken?>(TestToken.Of(number: 1))
            : new ValueTask<AccessToken?>(refreshed.Task);
        var fresh = "Bearer " + TestToken.Of(number: 2).Value;
        _harness.Handler.Then((request, _) => Task.FromResult(
            request.Headers.NonValidated["Authorization"].ToString() == fresh ? Answers.Page() : Answers.Error(401, "PGRST301")));
        var session = await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation);
        var first = session.GetPageAsync(TransportHarness.FirstPage, impatient.Token);
        var second = session.GetPageAsync(TransportHarness.FirstPage, TransportHarness.Cancellation);

        await impatient.CancelAsync();
        refreshed.SetResult(TestToken.Of(number: 2));

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => first);
        Assert.Equal(2, (await second).Page.Count);
    }

    [Fact]
    public async Task GetPage_RefreshHangs_EndsWithTheAttemptTimeout()
    {
        var never = new TaskCompletionSource<AccessToken?>();
        _harness.Options.AccessTokenProvider = (refused, _) => refused is null
            ? new ValueTask<AccessToken?>(TestToken.Of())
            : new ValueTask<AccessToken?>(never.Task);
        _harness.Handler.Then(() => Answers.Error(401, "PGRST301"));

        Assert.Equal(SyncErrorKind.AuthRequired, (await _harness.FailAsync()).Kind);
        Assert.Equal(30, (_harness.Time.GetUtcNow() - _harness.Time.Start).TotalSeconds);
    }

    [Fact]
    public async Task GetPage_AnyFailure_RepeatsNoToken()
    {
        _harness.Handler.Then(() => Answers.Error(401, "PGRST301"));

        var exception = await _harness.FailAsync();

        _harness.AssertNothingLeaked(exception, TestToken.Of().Value, "user-1", "sb_publishable_key");
    }

    private async Task<SyncAuthException> OpenFails() =>
        await Assert.ThrowsAsync<SyncAuthException>(async () => await _harness.Client.OpenSessionAsync(_harness.Tally, TransportHarness.Cancellation));
}
