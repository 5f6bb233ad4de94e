using System.Text;
using Agent.Sync.Tests.Postgrest;
using Microsoft.Extensions.Logging.Testing;

namespace Agent.Sync.Tests.Attack;

/// <summary>A hostile auth server, over raw sockets: every way to sign in, to refresh and to sign out ends well or in a typed failure, and the session works again afterwards.</summary>
public sealed class AuthAnswerTests
{
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(60);
    private static readonly string Good = TestToken.Of().Value;

    /// <summary>Gets answers to a grant that hold no session.</summary>
    private static IEnumerable<string> Grants =>
    [
        Grant("null"), Grant("1"), Grant("\"\""), Grant("\" \""), Grant("[]"), Grant("{}"), Grant("true"), Grant("\"\\ud800\""), Grant("\"\\u0000\""), Grant($"\"{Good}\\n\""), Grant($"\"{Good} x\""), Grant($"\"{Good}=\""),
        .. TokenForms.NoUsers.Select(static form => Grant(System.Text.Json.JsonSerializer.Serialize(form.Token))),
        Grant($"\"{Good}\"", refresh: "null"), Grant($"\"{Good}\"", refresh: "1"), Grant($"\"{Good}\"", refresh: "\"\""), Grant($"\"{Good}\"", refresh: "[]"), Grant($"\"{Good}\"", refresh: "\"\\udc00\""),
        Grant($"\"{Good}\"", life: "0"), Grant($"\"{Good}\"", life: "-1"), Grant($"\"{Good}\"", life: "null"), Grant($"\"{Good}\"", life: "\"3600\""), Grant($"\"{Good}\"", life: "1e400"), Grant($"\"{Good}\"", life: "NaN"), Grant($"\"{Good}\"", life: "9223372036854775807"),
        Grant($"\"{Good}\"", life: new string('9', 10_000)), Grant($"\"{Good}\"", life: "[3600]"), Grant($"\"{Good}\"", life: "3600.5"),
        "", "null", "[]", "1", "\"x\"", "{", "{}", "{\"user\":null}", "<html></html>", new string('[', 10_000), "{\"access_token\"", $"[{Grant($"\"{Good}\"")}]", Grant($"\"{Good}\"") + "x", $"{{\"session\":{Grant($"\"{Good}\"")}}}",
        string.Concat(Enumerable.Repeat("{\"a\":", 500)) + "1" + new string('}', 500), $"{{\"{Exchange.Canary}\":\"{Exchange.Canary}\"}}",
    ];

    private static IEnumerable<Strike> NoGrants =>
    [
        .. Grants.Select(static (body, number) => new Strike($"grant {number}: {(body.Length < 80 ? body : body[..80])}", exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\n", Encoding.UTF8.GetBytes(body)))),
        .. Strikes.Redirects,
        .. Strikes.Framing,
        .. Strikes.Statuses,
        .. Strikes.Headers.Where(static strike => !strike.IsPlausible),
        .. Codes.Select(static body => new Strike($"400 with {body[..Math.Min(60, body.Length)]}", exchange => exchange.AnswerAsync(400, "Content-Type: application/json\r\n", Encoding.UTF8.GetBytes(body)))),
    ];

    private static string[] Codes =>
    [
        "{\"error_code\":\"invalid_grant\"}", "{\"error_code\":1}", "{\"error_code\":null}", "{\"error_code\":[]}", "{\"error_code\":\"\\ud800\"}", $"{{\"error_code\":\"{Exchange.Canary}\"}}", "{\"error\":\"invalid_grant\",\"error\":1}", "{\"error_code\":\"user_banned\",", new string('{', 5_000), "[\"error_code\"]", "\"invalid_grant\"",
        "{\"error_code\":\"" + new string('x', 500_000) + "\"}",
    ];

    [Fact]
    public Task SignIn_AnswerThatIsNoSession_FailsTypedAndNobodyIsSignedIn() => AssertAsync(NoGrants, static async (session, isHonest) =>
    {
        var failure = await OnlyTyped.RunAsync(() => session.SignInAsync("ada@example.test", Exchange.Canary));
        Assert.Equal(isHonest, failure is null);
        Assert.Equal(isHonest, session.IsSignedIn);
        return failure;
    });

    [Fact]
    public Task Refresh_AnswerThatIsNoSession_FailsTypedAndAnswersAgainLater() => AssertAsync(NoGrants, static async (session, isHonest) =>
    {
        if (!session.IsSignedIn)
        {
            await session.SignInAsync("ada@example.test", Exchange.Canary);
        }

        var failure = await OnlyTyped.RunAsync(async () => await session.GetAccessTokenAsync(new AccessToken(Good)));
        Assert.Equal(isHonest, failure is null);
        return failure;
    }, static request => request.Target.Contains("refresh_token", StringComparison.Ordinal));

    [Fact]
    public Task SendCodeAndSignOut_OddAnswers_ThrowNothingRaw() => AssertAsync([.. Strikes.Redirects, .. Strikes.Framing], static async (session, isHonest) =>
    {
        var failure = await OnlyTyped.RunAsync(() => session.SendEmailCodeAsync("ada@example.test"));
        await session.SignInAsync("ada@example.test", Exchange.Canary);
        failure = await OnlyTyped.RunAsync(() => session.SignOutAsync()) ?? failure;
        Assert.False(session.IsSignedIn);
        Assert.True(!isHonest || failure is null, "An honest answer failed.");
        return failure;
    }, static request => !request.Target.Contains("grant_type", StringComparison.Ordinal));

    private static string Grant(string token, string refresh = $"\"refresh {Exchange.Canary}\"", string life = "3600") =>
        $$"""{"access_token":{{token}},"refresh_token":{{refresh}},"expires_in":{{life}},"user":{"email":"{{Exchange.Canary}}"} }""";

    private static async Task AssertAsync(IEnumerable<Strike> strikes, Func<SupabaseSession, bool, Task<SyncException?>> use, Func<RawRequest, bool>? fits = null)
    {
        var faults = new List<string>();
        foreach (var strike in strikes)
        {
            try
            {
                await RunAsync(strike, use, fits ?? (static _ => true)).WaitAsync(Hangs, TimeProvider.System);
            }
            catch (Exception exception)
            {
                faults.Add($"{strike}: {exception.Message}");
            }
        }

        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults)}");
    }

    private static async Task RunAsync(Strike strike, Func<SupabaseSession, bool, Task<SyncException?>> use, Func<RawRequest, bool> fits)
    {
        var time = new SkippingTime(new DateTimeOffset(2026, 3, 1, 12, 0, 0, TimeSpan.Zero));
        var log = new FakeLogCollector();
        var isStruck = true;
        await using var elsewhere = new RawServer(static (_, _, _) => Task.CompletedTask);
        await using var server = new RawServer(async (client, request, over) =>
        {
            var honest = new HonestAnswer(200, [KeyValuePair.Create("Content-Type", "application/json")], Encoding.UTF8.GetBytes(Grant($"\"{Good}\"", "\"refresh\"")));
            var exchange = new Exchange(client, honest, elsewhere.Url, time, over);
            await (isStruck && fits(request) ? strike.Play(exchange) : exchange.AnswerAsync(200, honest.Head, honest.Body));
        });
        var options = new SupabaseSessionOptions { Url = server.Url, AllowInsecureLoopback = true, ApiKey = "sb_publishable_key", Time = time, Logger = new FakeLogger(log) };
        options.Retry.MaxRetries = 1;
        options.Retry.Delay = TimeSpan.FromMilliseconds(1);
        options.Retry.AttemptTimeout = TimeSpan.FromSeconds(5);
        options.Retry.MaxRetryAfter = TimeSpan.FromSeconds(2);
        using var session = new SupabaseSession(options);

        var failure = await use(session, false);

        isStruck = false;
        time.Advance(TimeSpan.FromMinutes(1));
        await use(session, true);
        Assert.Equal(0, elsewhere.Connections);
        var said = string.Join('\n', log.GetSnapshot().Select(static record => record.ToString())) + failure + failure?.Code;
        Assert.DoesNotContain(Exchange.Canary, said, StringComparison.Ordinal);
        Assert.DoesNotContain("eyJ", said, StringComparison.Ordinal);
    }
}
