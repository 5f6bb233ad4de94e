using System.Net;
using Agent.Sync.Tests.Postgrest;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Auth;

public sealed class SupabaseSessionTests
{
    private const string Password = "password-canary-77aa";
    private const string Email = "email-canary-77aa@example.com";

    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeLogCollector _log = new();
    private readonly ScriptedHandler _server;
    private readonly List<SupabaseSessionState?> _kept = [];
    private readonly SupabaseSessionOptions _options;

    public SupabaseSessionTests()
    {
        _server = new ScriptedHandler(_time);
        _options = new SupabaseSessionOptions
        {
            Url = new Uri("https://abc.supabase.co"),
            ApiKey = "sb_publishable_key",
            Handler = _server,
            Time = _time,
            Logger = new FakeLogger(_log),
            StateChanged = state =>
            {
                _kept.Add(state);
                return ValueTask.CompletedTask;
            },
        };
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    [Fact]
    public async Task SignIn_RightPassword_KeepsTheStateAndGivesTheToken()
    {
        _server.Then(() => Grant(1));
        using var session = new SupabaseSession(_options);

        await session.SignInAsync(Email, Password, Cancellation);

        var request = Assert.Single(_server.Seen);
        Assert.Equal("https://abc.supabase.co/auth/v1/token?grant_type=password", request.Url);
        Assert.Equal("sb_publishable_key", request.Headers["apikey"]);
        Assert.False(request.Headers.ContainsKey("Authorization"));
        Assert.Equal($$"""{"email":"{{Email}}","password":"{{Password}}"}""", request.Body);
        Assert.Equal("user-1", session.UserId);
        Assert.Equal(Token(1), await TokenOf(session));
        Assert.Equal(new SupabaseSessionState(Token(1), "refresh-1", _time.Start.AddHours(1), "user-1"), Assert.Single(_kept));
    }

    [Fact]
    public async Task SignInAnonymously_Allowed_SendsAnEmptyObjectAndIsSignedIn()
    {
        _server.Then(() => Grant(1));
        using var session = new SupabaseSession(_options);
        Assert.False(session.IsSignedIn);

        await session.SignInAnonymouslyAsync(Cancellation);

        var request = Assert.Single(_server.Seen);
        Assert.Equal(("https://abc.supabase.co/auth/v1/signup", "{}"), (request.Url, request.Body));
        Assert.True(session.IsSignedIn);
        Assert.Equal(Token(1), await TokenOf(session));
        Assert.Single(_kept);
    }

    [Theory]
    [InlineData(true, """{"email":"email-canary-77aa@example.com","create_user":true}""")]
    [InlineData(false, """{"email":"email-canary-77aa@example.com","create_user":false}""")]
    public async Task SendEmailCode_ThenTheCode_SignsIn(bool createUser, string body)
    {
        _server.Then(static () => Answers.Page("{}")).Then(() => Grant(1));
        using var session = new SupabaseSession(_options);

        await session.SendEmailCodeAsync(Email, createUser, Cancellation);
        Assert.False(session.IsSignedIn);
        await session.SignInWithEmailCodeAsync(Email, " 123456 ", Cancellation);

        Assert.Equal("user-1", session.UserId);
        Assert.Equal(("https://abc.supabase.co/auth/v1/otp", body), (_server.Seen[0].Url, _server.Seen[0].Body));
        Assert.Equal(
            ("https://abc.supabase.co/auth/v1/verify", $$"""{"type":"email","email":"{{Email}}","token":"123456"}"""), (_server.Seen[1].Url, _server.Seen[1].Body));
    }

    [Fact]
    public async Task SendPhoneCode_ThenTheCode_SignsIn()
    {
        _server.Then(static () => Answers.Page("""{"message_id":"1"}""")).Then(() => Grant(1));
        using var session = new SupabaseSession(_options);

        await session.SendPhoneCodeAsync("+15551234567", cancellationToken: Cancellation);
        await session.SignInWithPhoneCodeAsync("+15551234567", "123456", Cancellation);

        Assert.Equal("user-1", session.UserId);
        Assert.Equal(["""{"phone":"+15551234567","create_user":true}""", """{"type":"sms","phone":"+15551234567","token":"123456"}"""], _server.Seen.Select(static request => System.Text.RegularExpressions.Regex.Unescape(request.Body!)));
    }

    [Theory]
    [InlineData("over_email_send_rate_limit")]
    [InlineData("over_sms_send_rate_limit")]
    public async Task SendEmailCode_SentAMomentAgo_SaysSoAtOnce(string code)
    {
        _server.Then(() => Answers.Json((HttpStatusCode)429, $$"""{"error_code":"{{code}}","msg":"canary-5f1c"}"""));
        using var session = new SupabaseSession(_options);

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => session.SendEmailCodeAsync(Email, cancellationToken: Cancellation));

        Assert.Equal((SyncErrorKind.RateLimited, code), (exception.Kind, exception.Code));
        Assert.Contains("look for it", exception.Message, StringComparison.Ordinal);
        Assert.Single(_server.Seen);
        AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData(403, "otp_expired", "send a new one")]
    [InlineData(422, "otp_disabled", "nobody has this address")]
    [InlineData(422, "anonymous_provider_disabled", "Allow anonymous sign-ins")]
    [InlineData(400, "phone_provider_disabled", "Allow this way")]
    public async Task SignInWithEmailCode_Refused_SaysWhatToDo(int status, string code, string hint)
    {
        _server.Then(() => Answers.Json((HttpStatusCode)status, $$"""{"error_code":"{{code}}","msg":"canary-5f1c"}"""));
        using var session = new SupabaseSession(_options);

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => session.SignInWithEmailCodeAsync(Email, "123456", Cancellation));

        Assert.Equal(code, exception.Code);
        Assert.Contains(hint, exception.Message, StringComparison.Ordinal);
        Assert.False(session.IsSignedIn);
        AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData(400, """{"code":400,"error_code":"invalid_credentials","msg":"canary-5f1c"}""", "invalid_credentials", "password")]
    [InlineData(400, """{"error":"invalid_grant","error_description":"canary-5f1c"}""", "invalid_grant", "Sign in again")]
    [InlineData(400, """{"error_code":"email_not_confirmed","msg":"canary-5f1c"}""", "email_not_confirmed", "confirmation")]
    [InlineData(422, """{"error_code":"canary-5f1c"}""", "422", "ApiKey")]
    [InlineData(401, "canary-5f1c", "401", "ApiKey")]
    public async Task SignIn_Refused_SaysWhatToDoAtOnce(int status, string body, string code, string hint)
    {
        _server.Then(() => Answers.Json((HttpStatusCode)status, body));
        using var session = new SupabaseSession(_options);

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => session.SignInAsync(Email, Password, Cancellation));

        Assert.Equal((SyncErrorKind.AuthRequired, code), (exception.Kind, exception.Code));
        Assert.Contains(hint, exception.Message, StringComparison.Ordinal);
        Assert.Single(_server.Seen);
        Assert.Null(session.UserId);
        AssertNothingLeaked(exception);
    }

    [Fact]
    public async Task SignIn_ServerFails_IsRetriedOnTheSchedule()
    {
        _server.Then(() => Answers.Html(502));
        using var session = new SupabaseSession(_options);
        var signIn = session.SignInAsync(Email, Password, Cancellation);

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => Run(signIn));

        Assert.Equal(SyncErrorKind.ServerError, exception.Kind);
        Assert.Equal([0, 1, 3, 7], _server.Seconds);
        AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData("{}")]
    [InlineData("<html>canary-5f1c</html>")]
    [InlineData("""{"access_token":"canary-5f1c","refresh_token":"canary-5f1c","expires_in":3600}""")]
    public async Task SignIn_AnswerIsNoGrant_IsAProtocolError(string body)
    {
        _server.Then(() => Answers.Page(body));
        using var session = new SupabaseSession(_options);
        var signIn = session.SignInAsync(Email, Password, Cancellation);

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => Run(signIn));

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData("300000000000")]
    [InlineData("9223372036854775807")]
    [InlineData("99999999999999999999")]
    [InlineData("3e11")]
    [InlineData("0")]
    [InlineData("-1")]
    [InlineData("1.5")]
    [InlineData("null")]
    [InlineData("\"3600\"")]
    [InlineData("\"\\ud800\"")]
    [InlineData("{}")]
    public async Task SignIn_LifeThatIsNoNumberOfSeconds_IsAProtocolError(string life)
    {
        _server.Then(() => Answers.Page($$"""{"access_token":"{{Token(1)}}","refresh_token":"refresh-1","expires_in":{{life}}}"""));
        using var session = new SupabaseSession(_options);
        var signIn = session.SignInAsync(Email, Password, Cancellation);

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => Run(signIn));

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        Assert.Null(session.UserId);
        AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData("br", DecompressionMethods.Brotli)]
    [InlineData("gzip", DecompressionMethods.GZip)]
    [InlineData("deflate", DecompressionMethods.Deflate)]
    public async Task SignIn_DamagedCompression_IsUnreachableAfterItsRetries(string encoding, DecompressionMethods method)
    {
        using var handler = new SocketsHttpHandler { AllowAutoRedirect = false, AutomaticDecompression = method };
        await using var server = new DamagedServer(encoding);
        _options.Url = server.Url;
        _options.AllowInsecureLoopback = true;
        _options.Handler = handler;
        _options.Retry.MaxRetries = 0;
        using var session = new SupabaseSession(_options);

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => session.SignInAsync(Email, Password, Cancellation));

        Assert.Equal(SyncErrorKind.Unreachable, exception.Kind);
        AssertNothingLeaked(exception);
    }

    [Theory]
    [InlineData(200)]
    [InlineData(400)]
    public async Task SignIn_AnswerTooLarge_IsAProtocolErrorAtOnce(int status)
    {
        _server.Then(() => Answers.Json((HttpStatusCode)status, new string(' ', (1024 * 1024) + 1)));
        using var session = new SupabaseSession(_options);

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => session.SignInAsync(Email, Password, Cancellation));

        Assert.Equal((SyncErrorKind.UnexpectedResponse, status.ToString(System.Globalization.CultureInfo.InvariantCulture)), (exception.Kind, exception.Code));
        Assert.Single(_server.Seen);
    }

    [Theory]
    [InlineData("""{"error_code":"\ud800\ud800\ud800"}""")]
    [InlineData("""{"error":"\udc00 \udc00 \udc00"}""")]
    [InlineData("""{"\ud800rror_code":"invalid_credentials"}""")]
    [InlineData("""{"e\ud800ror_code_":"invalid_credentials"}""")]
    public async Task SignIn_RefusedWithALoneSurrogate_IsRefusedByItsStatus(string body)
    {
        _server.Then(() => Answers.Json(HttpStatusCode.BadRequest, body));
        using var session = new SupabaseSession(_options);

        var exception = await Assert.ThrowsAsync<SyncAuthException>(() => session.SignInAsync(Email, Password, Cancellation));

        Assert.Equal((SyncErrorKind.AuthRequired, "400"), (exception.Kind, exception.Code));
    }

    [Theory]
    [InlineData("\\n")]
    [InlineData(" ")]
    [InlineData("=")]
    public async Task SignIn_TokenThatIsNotSendable_IsAProtocolError(string ending)
    {
        _server.Then(() => Answers.Page($$"""{"access_token":"{{Token(1)}}{{ending}}","refresh_token":"refresh-1","expires_in":3600}"""));
        using var session = new SupabaseSession(_options);

        AssertNothingLeaked(await Assert.ThrowsAsync<SyncProtocolException>(() => session.SignInAsync(Email, Password, Cancellation)));
    }

    [Fact]
    public async Task GetAccessToken_StateWithoutATimeOfExpiry_Refreshes()
    {
        _options.State = State() with { ExpiresAt = default };
        using var session = new SupabaseSession(_options);
        _server.Then(() => Grant(2));

        Assert.Equal(Token(2), await TokenOf(session));
    }

    [Fact]
    public async Task SignIn_ServerFailsAndNoRetryIsAllowed_DoesNotSpeakOfRetries()
    {
        _options.Retry.MaxRetries = 0;
        _server.Then(() => Answers.Html(502));
        using var session = new SupabaseSession(_options);

        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => session.SignInAsync(Email, Password, Cancellation));

        Assert.DoesNotContain("retr", exception.Message, StringComparison.OrdinalIgnoreCase);
    }

    [Fact]
    public async Task GetAccessToken_RefreshWithoutACode_LogsThatThereIsNone()
    {
        _options.Retry.MaxRetries = 0;
        using var session = Restored();
        _server.Then((_, _) => throw new HttpRequestException("no route"));

        await Assert.ThrowsAsync<SyncTransportException>(
            async () => await session.GetAccessTokenAsync(new AccessToken(Token(1)), Cancellation));

        Assert.Contains("code none", Assert.Single(_log.GetSnapshot(), record => record.Id.Id == 5003).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task SignIn_Redirect_IsNotFollowed()
    {
        _server.Then(() => new HttpResponseMessage(HttpStatusCode.TemporaryRedirect).With("Location", "https://evil.example"));
        using var session = new SupabaseSession(_options);

        await Assert.ThrowsAsync<SyncProtocolException>(() => session.SignInAsync(Email, Password, Cancellation));

        Assert.Single(_server.Seen);
    }

    [Fact]
    public async Task GetAccessToken_NobodySignedIn_IsNull()
    {
        using var session = new SupabaseSession(_options);

        Assert.Null(await session.GetAccessTokenAsync(null, Cancellation));
    }

    [Fact]
    public async Task GetAccessToken_AMinuteBeforeItRunsOut_Refreshes()
    {
        using var session = Restored();
        _server.Then(() => Grant(2));

        _time.Advance(TimeSpan.FromMinutes(59) - TimeSpan.FromSeconds(1));
        Assert.Equal(Token(1), await TokenOf(session));
        _time.Advance(TimeSpan.FromSeconds(1));
        Assert.Equal(Token(2), await TokenOf(session));

        var request = Assert.Single(_server.Seen);
        Assert.Equal("https://abc.supabase.co/auth/v1/token?grant_type=refresh_token", request.Url);
        Assert.Equal("""{"refresh_token":"refresh-1"}""", request.Body);
        Assert.Equal("refresh-2", Assert.Single(_kept)!.RefreshToken);
    }

    [Fact]
    public async Task GetAccessToken_Refused_RefreshesOnceForAll()
    {
        using var session = Restored();
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _server.Then((_, _) => answer.Task);
        var refused = new AccessToken(Token(1));

        var tokens = Enumerable.Range(0, 20).Select(_ => session.GetAccessTokenAsync(refused, Cancellation).AsTask()).ToList();
        answer.SetResult(Grant(2));
        await Task.WhenAll(tokens);
        var late = await session.GetAccessTokenAsync(refused, Cancellation);

        Assert.All(tokens, token => Assert.Equal(Token(2), token.Result!.Value));
        Assert.Equal(Token(2), late!.Value);
        Assert.Single(_server.Seen);
    }

    [Fact]
    public async Task GetAccessToken_RefreshTokenRevoked_EndsTheSession()
    {
        using var session = Restored();
        _server.Then(() => Answers.Json(HttpStatusCode.BadRequest, """{"error_code":"refresh_token_not_found"}"""));

        var exception = await Assert.ThrowsAsync<SyncAuthException>(
            async () => await session.GetAccessTokenAsync(new AccessToken(Token(1)), Cancellation));

        Assert.Contains("Sign in again", exception.Message, StringComparison.Ordinal);
        Assert.Null(session.UserId);
        Assert.Null(Assert.Single(_kept));
    }

    [Fact]
    public async Task GetAccessToken_WrongApiKey_DoesNotThrowTheSessionAway()
    {
        using var session = Restored();
        _server.Then(() => Answers.Json(HttpStatusCode.Unauthorized, """{"message":"Invalid API key"}"""));

        await Assert.ThrowsAsync<SyncAuthException>(
            async () => await session.GetAccessTokenAsync(new AccessToken(Token(1)), Cancellation));

        Assert.Equal("user-1", session.UserId);
        Assert.Empty(_kept);
    }

    [Fact]
    public async Task GetAccessToken_EarlyRefreshUnreachable_GoesOnWithTheOldToken()
    {
        _options.Retry.MaxRetries = 0;
        using var session = Restored();
        _server.Then((_, _) => throw new HttpRequestException(Answers.Canary));
        _time.Advance(TimeSpan.FromSeconds(3_550));

        Assert.Equal(Token(1), await TokenOf(session));
        Assert.Equal(Token(1), await TokenOf(session));
        Assert.Single(_server.Seen);
        _time.Advance(TimeSpan.FromSeconds(50));
        var exception = await Assert.ThrowsAsync<SyncTransportException>(() => TokenOf(session));

        Assert.Equal(SyncErrorKind.Unreachable, exception.Kind);
        AssertNothingLeaked(exception);
    }

    [Fact]
    public async Task SignOut_WhileARefreshIsUnderWay_StaysSignedOut()
    {
        using var session = Restored();
        var answer = new TaskCompletionSource<HttpResponseMessage>();
        _server.Then((_, _) => answer.Task).Then(() => new HttpResponseMessage(HttpStatusCode.NoContent));
        var refresh = session.GetAccessTokenAsync(new AccessToken(Token(1)), Cancellation).AsTask();

        await session.SignOutAsync(Cancellation);
        answer.SetResult(Grant(2));

        Assert.Null(await refresh);
        Assert.Null(session.UserId);
        Assert.Null(Assert.Single(_kept));
        Assert.Equal("https://abc.supabase.co/auth/v1/logout?scope=local", _server.Seen[1].Url);
        Assert.Equal("Bearer " + Token(1), _server.Seen[1].Headers["Authorization"]);
    }

    [Theory]
    [InlineData(401)]
    [InlineData(403)]
    [InlineData(404)]
    public async Task SignOut_ServerKnowsNoSuchSession_IsDone(int status)
    {
        using var session = Restored();
        _server.Then(() => Answers.Error(status, null));

        await session.SignOutAsync(Cancellation);

        Assert.Null(session.UserId);
    }

    [Fact]
    public void Session_SecretKey_IsRefused()
    {
        _options.ApiKey = "sb_secret_x";

        var exception = Assert.Throws<SyncAuthException>(() => new SupabaseSession(_options));

        Assert.Equal(SyncErrorKind.SecretKeyRefused, exception.Kind);

        // A session has no such option.
        Assert.DoesNotContain("AllowRlsBypass", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Session_HandlerThatFollowsRedirects_IsRefused()
    {
        using var handler = new SocketsHttpHandler();
        _options.Handler = handler;

        Assert.Throws<InvalidOperationException>(() => new SupabaseSession(_options));
    }

    [Fact]
    public void Session_PlainHttp_IsRefusedUnlessLoopbackIsAllowed()
    {
        _options.Url = new Uri("http://127.0.0.1:54321");
        Assert.Throws<ArgumentException>(() => new SupabaseSession(_options));

        _options.AllowInsecureLoopback = true;
        using var session = new SupabaseSession(_options);
    }

    [Fact]
    public void Session_StateOfAnotherUser_IsRefused()
    {
        _options.State = State() with { UserId = "user-2" };

        AssertNothingLeaked(Assert.Throws<ArgumentException>(() => new SupabaseSession(_options)));
    }

    [Fact]
    public void ToString_SessionAndState_SayNothing()
    {
        using var session = Restored();

        Assert.Equal("SupabaseSession", session.ToString());
        Assert.Equal("SupabaseSessionState", State().ToString());
    }

    private static string Token(int number) => TestToken.Of(number: number).Value;

    private static HttpResponseMessage Grant(int number) => Answers.Page(
        $$"""{"access_token":"{{Token(number)}}","token_type":"bearer","expires_in":3600,"refresh_token":"refresh-{{number}}","user":{ "id":"user-1","email":"x" } }""");

    private static async Task<string?> TokenOf(SupabaseSession session) =>
        (await session.GetAccessTokenAsync(null, Cancellation))?.Value;

    private SupabaseSessionState State() => new(Token(1), "refresh-1", _time.Start.AddHours(1), "user-1");

    private SupabaseSession Restored()
    {
        _options.State = State();
        return new SupabaseSession(_options);
    }

    private async Task Run(Task work)
    {
        for (var step = 0; step < 1_000 && !work.IsCompleted; step++)
        {
            _time.Advance(TimeSpan.FromMilliseconds(250));
        }

        Assert.True(work.IsCompleted);
        await work;
    }

    private void AssertNothingLeaked(Exception exception)
    {
        var said = exception + string.Join('\n', _log.GetSnapshot().Select(record => record.ToString() + record.Exception));
        foreach (var secret in new[] { Password, Email, Token(1), "refresh-1", Answers.Canary })
        {
            Assert.DoesNotContain(secret, said, StringComparison.Ordinal);
        }
    }
}
