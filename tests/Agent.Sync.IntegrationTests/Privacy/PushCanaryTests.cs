using System.Text;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Push;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.IntegrationTests.Privacy;

/// <summary>Nothing of a pushed row, of what refused it, or of its rival reaches a log, a metric, a trace or an exception.</summary>
public sealed class PushCanaryTests(BackendFixture backends)
{
    private const string Canary = "canary7d2e";

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_RejectionsAndConflictsOfTheRealBackend_ShowNothingPrivate(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        var user = await backend.SignUpAsync();
        using var telemetry = new TelemetryCapture();
        using var loggers = NewLoggers(telemetry);
        var shown = new List<string>();
        await using var device = new Device(backend, user, PushDatasets.Items) { LoggerFactory = loggers };
        device.Configure = options =>
        {
            options.Push.MaxQuarantinedShare = 1;
            options.Push.ConflictPolicy = ConflictPolicy.Resolver;
            options.Push.ConflictResolver = (conflict, _) =>
            {
                shown.Add(conflict.ToString());
                return ValueTask.FromResult(ConflictDecision.Merge(Encoding.UTF8.GetBytes($$"""{"id":"{{Canary}}"}""")));
            };
        };
        await backend.SqlAsync(
            $"insert into public.push_items (owner_id, name, note) select '{user.Id}', '{Canary} {user.Id} ' || i, 'note {Canary}' from generate_series(1, 3) as i");
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        // Taken, too long, refused by the app's trigger in words, another's, no number.
        await device.EditAsync($"insert into push_items (id, name, note) values ({Guid.NewGuid()}, {$"{Canary} {user.Id} 1"}, {Canary})");
        await device.EditAsync($"insert into push_items (id, label, note) values ({Guid.NewGuid()}, {$"{Canary} too long"}, {Canary})");
        await device.EditAsync($"insert into push_items (id, note) values ({Guid.NewGuid()}, {$"{PushTables.RefusedNote} {Canary}"})");
        await device.EditAsync($"insert into push_items (id, note, owner_id) values ({Guid.NewGuid()}, {Canary}, {Guid.NewGuid()})");
        await device.EditAsync($"insert into push_items (id, note, size) values ({Guid.NewGuid()}, 'x', {Canary})");
        await device.EditAsync($"insert into push_items (id, note) values ({Guid.NewGuid()}, {$"fine {Canary}"})");
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        shown.Add(result.ToString());
        shown.AddRange((await device.ChangesAsync()).Select(static change => $"{change} {change.Code} {change.Constraint}"));

        // A rival with the canary, and a resolver whose row cannot be used.
        await backend.SqlAsync($"update public.push_items set note = 'theirs {Canary}' where owner_id = '{user.Id}'");
        await device.EditAsync($"update push_items set note = {$"mine {Canary}"} where name like {$"{Canary}%"}");
        var failure = await Assert.ThrowsAnyAsync<SyncException>(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));
        shown.Add(failure.ToString());

        Assert.Equal((SyncOutcome.CompletedWithQuarantine, 1, 5), (result.Outcome, result.Pushed, result.Quarantined));
        Assert.Contains("Conflict in push_items", shown);
        Assert.NotEmpty(telemetry.Logs);
        foreach (var secret in (string[])[Canary, user.Id.ToString(), user.Token.Value.Split('.')[2]])
        {
            AssertNowhere(secret, telemetry, shown);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_AnswersToWritesWithPrivateText_ShowNothingOfIt(bool kit)
    {
        (int Status, string Body, string ContentType)[] answers =
        [
            .. new (int, string)[]
            {
                (400, "22P02"), (400, "23502"), (400, "23514"), (400, "P0001"), (401, "42501"), (403, "42501"), (409, "23503"), (409, "23505"), (413, "413"),
                (418, Canary), (500, "XX000"), (500, "57014"), (503, "PGRST001"),
            }.Select(answer => (answer.Item1, ErrorWith(answer.Item2), "application/json")),
            (200, $"<html>{Canary}</html>", "text/html"),
            (200, $$"""{"outcomes":[{"op":"{{Canary}}","status":"{{Canary}}","code":"{{Canary}}","row":0}],"rows":[{"id":"{{Canary}}"}]}""", "application/json"),
            (200, $$"""[{"id":"{{Canary}}","note":"{{Canary}}"}]""", "application/json"),
            (200, $"[{Canary}", "application/json"),
        ];
        var backend = await backends.GetAsync(kit);
        using var telemetry = new TelemetryCapture();
        using var loggers = NewLoggers(telemetry);
        var shown = new List<string>();
        foreach (var (status, body, contentType) in answers)
        {
            using var wire = new Wire { Answer = request => request.IsWrite ? Wire.NewAnswer(status, body, contentType) : null };
            await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Items) { Handler = wire, LoggerFactory = loggers };
            device.Configure = static options => (options.Retry.MaxRetries, options.Retry.Delay) = (1, TimeSpan.FromMilliseconds(1));
            await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
            await device.EditAsync($"insert into push_items (id, note) values ({Guid.NewGuid()}, {Canary})");

            SyncResult? result = null;
            var failure = await Record.ExceptionAsync(async () => result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

            Assert.True(failure is SyncException || result?.Rejected == 1, $"{status} was taken as good.");
            Assert.NotEmpty(wire.Writes);
            shown.Add($"{failure} {(failure as SyncException)?.Code} {result}");
            shown.AddRange((await device.ChangesAsync()).Select(static change => $"{change} {change.Code} {change.Constraint}"));
        }

        AssertNowhere(Canary, telemetry, shown);
    }

    private static string ErrorWith(string code) =>
        $$"""{"code":"{{code}}","message":"message {{Canary}}","details":"Key (note)=({{Canary}})","hint":"hint {{Canary}}"}""";

    private static ILoggerFactory NewLoggers(TelemetryCapture telemetry) =>
        LoggerFactory.Create(builder => builder.SetMinimumLevel(LogLevel.Trace).AddProvider(telemetry));

    private static void AssertNowhere(string secret, TelemetryCapture telemetry, IEnumerable<string> shown) =>
        Assert.DoesNotContain(telemetry.All.Concat(shown), text => text.Contains(secret, StringComparison.OrdinalIgnoreCase));
}
