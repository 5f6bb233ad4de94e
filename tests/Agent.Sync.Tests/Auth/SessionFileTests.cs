using System.Net;
using Agent.Sync.Tests.Files;
using Agent.Sync.Tests.Postgrest;
using Microsoft.Extensions.Logging.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Auth;

/// <summary>Sessions over one file. Two of them stand for two processes: the operating system's lock excludes any two handles.</summary>
public sealed class SessionFileTests : IDisposable
{
    private const int Taken = 5007;
    private const int Damaged = 5005;
    private const int OfAnotherProject = 5006;

    private readonly TemporaryDirectory _folder = new();
    private readonly FakeTimeProvider _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly FakeLogCollector _log = new();
    private readonly ScriptedHandler _server;
    private readonly List<SupabaseSession> _sessions = [];
    private readonly List<SupabaseSessionState?> _told = [];

    public SessionFileTests()
    {
        _server = new ScriptedHandler(_time);
        Directory.CreateDirectory(_folder.Path);
    }

    private static CancellationToken Cancellation => TestContext.Current.CancellationToken;

    private string FilePath => Path.Combine(_folder.Path, "session.json");

    [Fact]
    public async Task SignIn_ThenARestart_IsSignedInWithoutARequest()
    {
        await SignedInAsync(1);

        var next = Open();

        Assert.True(next.IsSignedIn);
        Assert.Equal("user-1", next.UserId);
        Assert.Equal(Token(1), await TokenOf(next));
        Assert.Single(_server.Seen);
    }

    [Fact]
    public async Task SignIn_FileAndItsNewFolder_AreTheOwnersAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        var path = Path.Combine(_folder.Root, "made", "session.json");
        _server.Then(() => Grant(1));

        await Open(path: path).SignInAsync("ada@example.test", "secret", Cancellation);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Mode(path));
        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute, Mode(Path.GetDirectoryName(path)!));
    }

    [Fact]
    public async Task Refresh_FileThatOthersCouldRead_IsTheOwnersAgain()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no modes.");
        var session = await SignedInAsync(1);
        SetMode(FilePath, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.OtherRead);
        _server.Then(() => Grant(2));

        await RefreshAsync(session, 1);

        Assert.Equal(UnixFileMode.UserRead | UnixFileMode.UserWrite, Mode(FilePath));
        Assert.Equal(Token(2), await TokenOf(Open()));
    }

    [Fact]
    public async Task Restart_TokenExpiredAndNoNetwork_StaysSignedInAndRefreshesLater()
    {
        await SignedInAsync(1);
        _time.Advance(TimeSpan.FromDays(3));
        _server.Then((_, _) => throw new HttpRequestException("no route")).Then(() => Grant(2));

        var next = Open(retries: 0);

        Assert.True(next.IsSignedIn);
        await Assert.ThrowsAsync<SyncTransportException>(() => TokenOf(next));
        Assert.True(next.IsSignedIn);
        Assert.Equal(Token(2), await TokenOf(next));
    }

    [Theory]
    [InlineData("")]
    [InlineData("{")]
    [InlineData("null")]
    [InlineData("[]")]
    [InlineData("{}")]
    [InlineData("\u0000\u0001")]
    [InlineData("{\"version\":2,\"url\":\"https://abc.supabase.co\",\"user_id\":\"user-1\",\"access_token\":\"TOKEN\",\"refresh_token\":\"r\",\"expires_at\":\"2026-01-01T01:00:00Z\"}")]
    [InlineData("{\"version\":1,\"url\":\"https://abc.supabase.co\",\"user_id\":\"user-2\",\"access_token\":\"TOKEN\",\"refresh_token\":\"r\",\"expires_at\":\"2026-01-01T01:00:00Z\"}")]
    [InlineData("{\"version\":1,\"url\":\"https://abc.supabase.co\",\"user_id\":\"user-1\",\"access_token\":\"TOKEN\",\"expires_at\":\"2026-01-01T01:00:00Z\"}")]
    public async Task Start_DamagedFile_IsSignedOutAndSaysSoAndTheNextSignInReplacesIt(string content)
    {
        await File.WriteAllTextAsync(FilePath, content.Replace("TOKEN", Token(1), StringComparison.Ordinal), Cancellation);

        var next = Open();

        Assert.False(next.IsSignedIn);
        Assert.Single(Logged(Damaged));
        _server.Then(() => Grant(2));
        await next.SignInAsync("ada@example.test", "secret", Cancellation);
        Assert.Equal(Token(2), await TokenOf(Open()));
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.99)]
    public async Task Start_FileCutShort_IsSignedOut(double share)
    {
        await SignedInAsync(1);
        var good = await File.ReadAllBytesAsync(FilePath, Cancellation);
        await File.WriteAllBytesAsync(FilePath, good.AsMemory(0, (int)(good.Length * share)), Cancellation);

        Assert.False(Open().IsSignedIn);
        Assert.Single(Logged(Damaged));
        AssertNoSecretInTheLog();
    }

    [Fact]
    public async Task Start_FileOfAnotherProject_IsNotSentThere()
    {
        await SignedInAsync(1);

        var other = Open(url: "https://other.supabase.co");

        Assert.False(other.IsSignedIn);
        Assert.Null(await TokenOf(other));
        Assert.Single(Logged(OfAnotherProject));
        Assert.Single(_server.Seen);
    }

    [Fact]
    public async Task Refresh_AnotherProcessRefreshedFirst_TakesItsSessionWithoutARequest()
    {
        var first = await SignedInAsync(1);
        var second = Open();
        _server.Then(() => Grant(2));
        _time.Advance(TimeSpan.FromMinutes(59.5));

        Assert.Equal(Token(2), await TokenOf(first));
        Assert.Equal(Token(2), await TokenOf(second));

        Assert.Equal(2, _server.Seen.Count);
        Assert.Single(Logged(Taken));
    }

    [Fact]
    public async Task Refresh_TwoProcessesAtOnce_UseTheRefreshTokenOnce()
    {
        var first = await SignedInAsync(1);
        var second = Open();
        TaskCompletionSource<HttpResponseMessage> answer = new();
        _server.Then((_, _) => answer.Task);
        _time.Advance(TimeSpan.FromMinutes(59.5));

        var one = TokenOf(first);
        var other = TokenOf(second);
        answer.SetResult(Grant(2));

        Assert.Equal(Token(2), await one);
        for (var turn = 0; !other.IsCompleted; turn++)
        {
            Assert.True(turn < 100_000, "The other process never got the lock.");

            // The other one asks for the lock again and again, by its clock.
            _time.Advance(TimeSpan.FromMilliseconds(20));
            await Task.Yield();
        }

        Assert.Equal(Token(2), await other);
        Assert.Equal(2, _server.Seen.Count);
    }

    [Fact]
    public async Task Refresh_AnotherProcessSignedOut_IsSignedOutToo()
    {
        var first = await SignedInAsync(1);
        var second = Open(retries: 0);
        _server.Then(static () => new HttpResponseMessage(HttpStatusCode.NoContent));
        await first.SignOutAsync(Cancellation);
        _time.Advance(TimeSpan.FromMinutes(59.5));

        Assert.False(File.Exists(FilePath));
        Assert.Null(await TokenOf(second));
        Assert.False(second.IsSignedIn);
        Assert.Equal(2, _server.Seen.Count);
        Assert.Null(_told[^1]);
    }

    [Fact]
    public async Task GetAccessToken_NobodySignedInHereAndAnotherProcessSignsIn_IsSignedInToo()
    {
        var waiting = Open();
        SyncOptions options = new();
        waiting.ApplyTo(options);
        Assert.Null(options.SignedInUser!());
        Assert.Null(await TokenOf(waiting));
        Assert.False(waiting.IsSignedIn);

        await SignedInAsync(1);

        Assert.Equal("user-1", options.SignedInUser());
        Assert.Equal(Token(1), await TokenOf(waiting));
        Assert.True(waiting.IsSignedIn);
        Assert.Single(_server.Seen);
    }

    [Fact]
    public async Task GetAccessToken_SignedOutHereAndTheFileStays_IsNotSignedInAgain()
    {
        var session = await SignedInAsync(1);
        var old = await File.ReadAllBytesAsync(FilePath, Cancellation);
        _server.Then(GrantWhileTheFileBecomesAFolder);
        await Assert.ThrowsAsync<SyncStoreException>(() => RefreshAsync(session, 1));
        await Assert.ThrowsAsync<SyncStoreException>(() => session.SignOutAsync(Cancellation));
        Directory.Delete(FilePath);
        await File.WriteAllBytesAsync(FilePath, old, Cancellation);

        Assert.Null(await TokenOf(session));
        Assert.False(session.IsSignedIn);
    }

    [Fact]
    public async Task GetAccessToken_DamagedFileWhileNobodyIsSignedIn_IsLoggedOnce()
    {
        var session = Open();
        await File.WriteAllTextAsync(FilePath, "{", Cancellation);

        Assert.Null(await TokenOf(session));
        Assert.Null(await TokenOf(session));

        Assert.Single(Logged(Damaged));
    }

    [Fact]
    public async Task SignOut_AnotherUserSignedInSince_LeavesTheirs()
    {
        var first = await SignedInAsync(1);
        var second = Open();
        _server.Then(() => Grant(2, "user-2")).Then(static () => new HttpResponseMessage(HttpStatusCode.NoContent));
        await second.SignInAsync("bob@example.test", "secret", Cancellation);

        await first.SignOutAsync(Cancellation);

        Assert.Equal("user-2", Open().UserId);
    }

    [Fact]
    public async Task Refresh_SessionIsOver_RemovesTheFile()
    {
        var session = await SignedInAsync(1);
        _server.Then(static () => Answers.Json(HttpStatusCode.BadRequest, """{"error_code":"refresh_token_already_used"}"""));

        await Assert.ThrowsAsync<SyncAuthException>(() => RefreshAsync(session, 1));

        Assert.False(File.Exists(FilePath));
        Assert.False(Open().IsSignedIn);
    }

    [Fact]
    public async Task Refresh_CannotSave_SaysSoAndKeepsTheNewerTokenInMemory()
    {
        var session = await SignedInAsync(1);
        _server.Then(GrantWhileTheFileBecomesAFolder);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => RefreshAsync(session, 1));

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
        Assert.StartsWith("The session's StateFile failed", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain(_folder.Path, exception.Message, StringComparison.Ordinal);
        Assert.Equal(Token(2), await TokenOf(session));
    }

    [Fact]
    public async Task Refresh_FileCannotBeRead_SpendsNoRefreshToken()
    {
        var session = await SignedInAsync(1);
        File.Delete(FilePath);
        Directory.CreateDirectory(FilePath);

        await Assert.ThrowsAsync<SyncStoreException>(() => RefreshAsync(session, 1));

        Assert.Single(_server.Seen);
        Assert.True(session.IsSignedIn);
    }

    [Fact]
    public async Task Refresh_SavedStateIsOlderThanTheOneInMemory_TheNewerOneIsUsed()
    {
        var session = await SignedInAsync(1);
        var old = await File.ReadAllBytesAsync(FilePath, Cancellation);
        _server.Then(GrantWhileTheFileBecomesAFolder).Then(() => Grant(3));
        await Assert.ThrowsAsync<SyncStoreException>(() => RefreshAsync(session, 1));
        Directory.Delete(FilePath);
        await File.WriteAllBytesAsync(FilePath, old, Cancellation);

        await RefreshAsync(session, 2);

        Assert.Contains("refresh-2", _server.Seen[^1].Body!, StringComparison.Ordinal);
        Assert.Equal(Token(3), await TokenOf(Open()));
    }

    [Fact]
    public async Task Kept_TheCallbackBesideTheFile_IsToldTheSame()
    {
        var session = await SignedInAsync(1);
        _server.Then(() => Grant(2)).Then(static () => new HttpResponseMessage(HttpStatusCode.NoContent));

        await RefreshAsync(session, 1);
        await session.SignOutAsync(Cancellation);

        Assert.Equal(["refresh-1", "refresh-2", null], _told.Select(static state => state?.RefreshToken));
    }

    [Fact]
    public async Task SignIn_CallbackThatUsesTheSession_IsNotStuck()
    {
        SupabaseSession? session = null;
        List<bool> seen = [];
        session = Open(changed: async _ => seen.Add(await session!.GetAccessTokenAsync(new AccessToken(Token(1)), Cancellation) is not null));
        _server.Then(() => Grant(1)).Then(() => Grant(2));

        await session.SignInAsync("ada@example.test", "secret", Cancellation);

        Assert.All(seen, Assert.True);
        Assert.NotEmpty(seen);
    }

    [Fact]
    public void Start_StateAndFile_AreRefusedTogether() => Assert.Throws<ArgumentException>(() => new SupabaseSession(new SupabaseSessionOptions
    {
        Url = new Uri("https://abc.supabase.co"),
        ApiKey = "sb_publishable_key",
        StateFile = FilePath,
        State = new SupabaseSessionState(Token(1), "refresh-1", _time.Start, "user-1"),
    }));

    public void Dispose()
    {
        _sessions.ForEach(static session => session.Dispose());
        _folder.Dispose();
        _server.Dispose();
    }

    private static string Token(int number, string user = "user-1") => TestToken.Of(user, number: number).Value;

    private static HttpResponseMessage Grant(int number, string user = "user-1") =>
        Answers.Page($$"""{"access_token":"{{Token(number, user)}}","expires_in":3600,"refresh_token":"refresh-{{number}}"}""");

    private static async Task<string?> TokenOf(SupabaseSession session) => (await session.GetAccessTokenAsync(null, Cancellation))?.Value;

    private static async Task RefreshAsync(SupabaseSession session, int refused) => await session.GetAccessTokenAsync(new AccessToken(Token(refused)), Cancellation);

    private static UnixFileMode Mode(string path) => OperatingSystem.IsWindows() ? default : File.GetUnixFileMode(path);

    private static void SetMode(string path, UnixFileMode mode)
    {
        if (!OperatingSystem.IsWindows())
        {
            File.SetUnixFileMode(path, mode);
        }
    }

    /// <summary>No file can be moved to where a folder stands, whoever the user is.</summary>
    private HttpResponseMessage GrantWhileTheFileBecomesAFolder()
    {
        File.Delete(FilePath);
        Directory.CreateDirectory(FilePath);
        return Grant(2);
    }

    private async Task<SupabaseSession> SignedInAsync(int number)
    {
        _server.Then(() => Grant(number));
        var session = Open();
        await session.SignInAsync("ada@example.test", "secret", Cancellation);
        return session;
    }

    private SupabaseSession Open(string? path = null, string url = "https://abc.supabase.co", int retries = 3, Func<SupabaseSessionState?, ValueTask>? changed = null)
    {
        SupabaseSessionOptions options = new()
        {
            Url = new Uri(url),
            ApiKey = "sb_publishable_key",
            Handler = _server,
            Time = _time,
            Logger = new FakeLogger(_log),
            StateFile = path ?? FilePath,
            StateChanged = changed ?? (state =>
            {
                _told.Add(state);
                return ValueTask.CompletedTask;
            }),
        };
        options.Retry.MaxRetries = retries;
        SupabaseSession session = new(options);
        _sessions.Add(session);
        return session;
    }

    private IEnumerable<FakeLogRecord> Logged(int id) => _log.GetSnapshot().Where(record => record.Id.Id == id);

    private void AssertNoSecretInTheLog()
    {
        var said = string.Join('\n', _log.GetSnapshot().Select(static record => record.ToString()));
        Assert.DoesNotContain(Token(1), said, StringComparison.Ordinal);
        Assert.DoesNotContain("refresh-1", said, StringComparison.Ordinal);
    }
}
