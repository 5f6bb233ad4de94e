using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Outages;
using Agent.Sync.IntegrationTests.Privacy;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The worker sample as it is run. The tests of this class run one after the other.</summary>
public sealed class WorkerTests(OutageBackend outage) : IClassFixture<OutageBackend>
{
    private static readonly string Program = Path.Combine(Repository.Root, "samples", "Worker", "bin", Repository.Configuration, "net10.0", "SyncWorker.dll");

    private Backend Backend => outage.Backend;

    [Fact]
    public async Task Worker_ServerGoesAwayAndComesBack_RecoversAndExportsMetricsAndSpansWithoutThePerson()
    {
        await using ScriptedServer collector = new(static _ => new ScriptedAnswer(200, string.Empty, "application/x-protobuf"));
        var user = await Backend.SignUpAsync();

        await WorkerScene.PlayAsync(Backend, user, Program, new Dictionary<string, string>
        {
            ["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url.ToString(),
            ["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf",
        });

        Assert.Contains(collector.Bodies, static body => body.Contains("sync_duration", StringComparison.Ordinal));
        Assert.Contains(collector.Bodies, static body => body.Contains("sync page", StringComparison.Ordinal));
        Assert.DoesNotContain(collector.Bodies, body => body.Contains(user.Email, StringComparison.Ordinal) || body.Contains(user.Id.ToString(), StringComparison.Ordinal));
    }

    [Theory]
    [InlineData("", "set the environment variable SignIn__Password")]
    [InlineData("wrong", "Check the e-mail address and the password")]
    public async Task Worker_WithoutTheRightPassword_EndsWithAnErrorAndSaysWhatToDo(string password, string advice)
    {
        var folder = Directory.CreateTempSubdirectory("agent-sync-worker-");
        try
        {
            var settings = WorkerProcess.Settings(Backend, await Backend.SignUpAsync(), Path.Combine(folder.FullName, "worker.db"));
            settings["SignIn__Password"] = password;

            var end = await ChildProcess.RunDotnetAsync(Path.GetDirectoryName(Program)!, settings, "exec", Program, "--urls", "http://127.0.0.1:0");

            Assert.NotEqual(0, end.ExitCode);
            Assert.Contains(advice, end.Out + end.Error, StringComparison.Ordinal);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }
}
