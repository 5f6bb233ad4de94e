using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.IntegrationTests.Privacy;

/// <summary>Nothing that came from a row, a token, a cursor or a server's error reaches a log, a metric, a trace or an exception.</summary>
public sealed class CanaryTests(BackendFixture backends)
{
    private const string Canary = "canary5f1c";

    [Fact]
    public async Task SyncAsync_FullRunWithFailuresAgainstTheRealBackend_ShowsNothingPrivate()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync(
            $"""
            insert into public.words (code, owner_id, note, updated_at)
            select '{Canary} ' || i, '{user.Id}', 'note {Canary}', now() - interval '1 day' from generate_series(1, 40) as i;
            """);
        using var telemetry = new TelemetryCapture();
        using var loggers = NewLoggers(telemetry);
        var shown = new List<string>();
        await using var device = new Device(backends.Main, user, Datasets.Words("words"))
        {
            LoggerFactory = loggers,
            Configure = static options => (options.PageSize, options.Commit.Interval) = (7, TimeSpan.Zero),
        };
        var progress = new Faults.ProgressRecorder(_ => throw new InvalidOperationException("The app's own fault."));

        // Interrupted, refused, expired, damaged, and then complete.
        using var stop = new CancellationTokenSource();
        device.Requests.Before = number => number == 4 ? stop.CancelAsync() : Task.CompletedTask;
        await ShowAsync(() => device.SyncAsync(progress: progress, cancellationToken: stop.Token));
        device.Requests.Before = null;
        var expired = TokenMint.Mint(backends.Main, user.Id, TimeProvider.System.GetUtcNow().AddHours(-1));
        device.Requests.Token = expired;
        await ShowAsync(() => device.SyncAsync());
        device.Requests.Token = new AccessToken($"{Canary}.not.a.token");
        await ShowAsync(() => device.SyncAsync());
        device.Requests.Token = user.Token;
        device.Datasets = [Dataset.Define("words").Key("code", ColumnType.Integer).Column("note", ColumnType.Text).UpdatedAt("updated_at").ToTable("other").Named("wrong_key").Build()];
        await ShowAsync(() => device.SyncAsync());
        device.Datasets = [Dataset.Define("words").Key("code", ColumnType.Text).Column("note", ColumnType.Numeric).UpdatedAt("updated_at").ToTable("other").Named("wrong_value").Build()];
        await ShowAsync(() => device.SyncAsync());
        device.Datasets = [Dataset.Define("words").Key("code", ColumnType.Text).UpdatedAt("updated_at").Where("updated_at", FilterOperator.Equal, Canary).ToTable("third").Named("wrong_filter").Build()];
        await ShowAsync(() => device.SyncAsync());
        device.Datasets = [Datasets.Words("words")];
        var result = await device.SyncAsync(progress: progress, cancellationToken: TestContext.Current.CancellationToken);
        shown.Add(result.ToString());
        shown.AddRange(progress.Reports.Select(static report => report.ToString()));
        string token;
        await using (var open = device.Open())
        {
            await foreach (var page in open.Engine.ReadPagesAsync("words", cancellationToken: TestContext.Current.CancellationToken))
            {
                shown.Add($"{page} {page.Next}");
                page.Dispose();
            }

            token = string.Empty;
            await foreach (var page in open.Engine.ReadPagesAsync("words", cancellationToken: TestContext.Current.CancellationToken))
            {
                token = page.Next!.ToToken();
                break;
            }

            await ShowAsync(async () =>
            {
                await foreach (var page in open.Engine.ReadPagesAsync("words", Cursor.FromToken(token + "AAAA")))
                {
                    page.Dispose();
                }
            });
            shown.Add((await open.Engine.GetStatusAsync(TestContext.Current.CancellationToken)).ToString());
        }

        await LocalRows.ScalarAsync(device.DatabasePath, "update agent_sync_checkpoint set content = zeroblob(100)");
        await ShowAsync(() => device.SyncAsync());

        Assert.Equal(SyncOutcome.Completed, result.Outcome);
        Assert.True(telemetry.Logs.Count > 20);
        Assert.NotEmpty(telemetry.Measurements);
        Assert.NotEmpty(telemetry.Activities);
        foreach (var secret in (string[])[Canary, user.Email, user.Id.ToString(), user.Token.Value, Signature(user.Token), Signature(expired), token, TestUser.Password])
        {
            AssertNowhere(secret, telemetry, shown);
        }

        async Task ShowAsync(Func<Task> run)
        {
            var failure = await Record.ExceptionAsync(run);
            Assert.NotNull(failure);
            shown.Add(failure.ToString());
        }
    }

    [Theory]
    [InlineData(400, "22P02")]
    [InlineData(400, "42703")]
    [InlineData(401, "PGRST301")]
    [InlineData(403, "42501")]
    [InlineData(404, "42P01")]
    [InlineData(409, "23505")]
    [InlineData(429, "429")]
    [InlineData(500, "XX000")]
    [InlineData(500, "57014")]
    [InlineData(500, "P0001")]
    [InlineData(503, "PGRST001")]
    [InlineData(418, "canary5f1c")]
    [InlineData(500, "canary5f1c")]
    public async Task SyncAsync_ErrorBodyWithPrivateText_ShowsTheCodeAndNoneOfIt(int status, string code)
    {
        var body = $$"""{"code":"{{code}}","message":"message {{Canary}}","details":"Key (code)=({{Canary}})","hint":"hint {{Canary}}"}""";

        await AssertShowsNothingAsync(_ => new ScriptedAnswer(status, body) { Headers = new Dictionary<string, string> { ["X-Note"] = Canary } });
    }

    [Theory]
    [InlineData("<html>canary5f1c</html>", "text/html")]
    [InlineData("<html>canary5f1c</html>", "application/json")]
    [InlineData("""{"canary5f1c":"canary5f1c"}""", "application/json")]
    [InlineData("""[{"code":"canary5f1c","note":"canary5f1c"}]""", "application/json")]
    [InlineData("""[{"code":"canary5f1c","note":"canary5f1c","updated_at":null}]""", "application/json")]
    [InlineData("""[{"code":"canary5f1c","note":"canary5f1c","updated_at":"canary5f1c"}]""", "application/json")]
    [InlineData("""[{"code":null,"note":"canary5f1c","updated_at":"2026-01-01T00:00:00+00:00"}]""", "application/json")]
    [InlineData("""[{"code":"canary5f1c","note":{"canary5f1c":1},"updated_at":"2026-01-01T00:00:00+00:00"}]""", "application/json")]
    [InlineData("""[{"code":"canary5f1c","note":"canary5f1c","updated_at":"2026-01-01T00:00:00+00:00"},""", "application/json")]
    [InlineData("""[{"code":"canary5f1c","code":"canary5f1c","note":"x","updated_at":"2026-01-01T00:00:00+00:00"}]""", "application/json")]
    [InlineData("""[{"code":"canary5f1c","note":"x","updated_at":"2026-01-01T00:00:00+00:00"}]""", "application/json")]
    [InlineData("canary5f1c", "application/canary5f1c")]
    public async Task SyncAsync_AnswerThatCannotBeUsed_ShowsNothingOfIt(string body, string contentType)
    {
        // The last row is good, but it comes again and again.
        await AssertShowsNothingAsync(_ => new ScriptedAnswer(200, body, contentType));
    }

    [Fact]
    public async Task SyncAsync_Redirect_IsNotFollowedAndShowsNothing()
    {
        await using var elsewhere = new ScriptedServer(static _ => new ScriptedAnswer(200, "[]"));

        await AssertShowsNothingAsync(_ => new ScriptedAnswer(302, Canary)
        {
            Headers = new Dictionary<string, string> { ["Location"] = new Uri(elsewhere.Url, Canary).ToString() },
        });

        Assert.Equal(0, elsewhere.Count);
    }

    private static string Signature(AccessToken token) => token.Value.Split('.')[2];

    private static ILoggerFactory NewLoggers(TelemetryCapture telemetry) =>
        LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(telemetry));

    private static void AssertNowhere(string secret, TelemetryCapture telemetry, IEnumerable<string> shown) =>
        Assert.DoesNotContain(telemetry.All.Concat(shown), text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));

    private async Task AssertShowsNothingAsync(Func<int, ScriptedAnswer> answer)
    {
        var user = new TestUser("nobody@example.test", Guid.NewGuid(), TokenMint.Mint(backends.Main, Guid.NewGuid(), TimeProvider.System.GetUtcNow().AddHours(1)));
        await using var server = new ScriptedServer(answer);
        using var telemetry = new TelemetryCapture();
        using var loggers = NewLoggers(telemetry);
        await using var device = new Device(backends.Main, user, Datasets.Words("words")) { LoggerFactory = loggers };
        device.Configure = options =>
        {
            options.Url = server.Url;
            options.PageSize = 10;
            options.Retry.Delay = TimeSpan.FromMilliseconds(1);
            options.Retry.MaxRetries = 2;
        };

        var failure = await Assert.ThrowsAnyAsync<SyncException>(
            () => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.True(server.Count > 0);
        AssertNowhere(Canary, telemetry, [failure.ToString(), failure.Code ?? string.Empty]);
        AssertNowhere(Signature(user.Token), telemetry, [failure.ToString()]);
    }
}
