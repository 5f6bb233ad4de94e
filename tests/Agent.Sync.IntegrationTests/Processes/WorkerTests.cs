using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Outages;
using Agent.Sync.IntegrationTests.Privacy;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The worker sample as it is run. The tests of this class run one after the other.</summary>
public sealed class WorkerTests(OutageBackend outage) : IClassFixture<OutageBackend>
{
    private const int Rows = 250;

    private static readonly string Program = Path.Combine(Repository.Root, "samples", "Worker", "bin", Repository.Configuration, "net10.0", "Worker.dll");

    // The columns of the sample's agent-sync.json.
    private static readonly Dataset Artifacts = Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid).Column("type", ColumnType.Text).Column("name", ColumnType.Text)
        .Version("version").UpdatedAt("updated_at").DeletedAt("deleted_at")
        .Build();

    private Backend Backend => outage.Backend;

    [Fact]
    public async Task Worker_ServerGoesAwayAndComesBack_IsHealthyThenUnhealthyThenHealthyAndHasEveryRow()
    {
        await using ScriptedServer collector = new(static _ => new ScriptedAnswer(200, string.Empty, "application/x-protobuf"));
        var user = await Backend.SignUpWithRowsAsync(Rows);
        var folder = Directory.CreateTempSubdirectory("agent-sync-worker-");
        try
        {
            var database = Path.Combine(folder.FullName, "worker.db");
            var settings = WorkerProcess.Settings(Backend, user, database);
            settings["OTEL_EXPORTER_OTLP_ENDPOINT"] = collector.Url.ToString();
            settings["OTEL_EXPORTER_OTLP_PROTOCOL"] = "http/protobuf";
            await using var worker = await WorkerProcess.StartAsync(Program, settings);
            await worker.WaitForHealthAsync("Healthy");
            Assert.Equal(Rows, await LocalRows.CountAsync(database, "artifacts"));

            // While the server is away, a row changes on each side.
            await Backend.Host.StopApiAsync(TestContext.Current.CancellationToken);
            await LocalRows.ScalarAsync(database, $"insert into artifacts (id, type, name) values ('{Guid.NewGuid()}', 'note', 'Written offline')");
            await Backend.InsertArtifactsAsync(user, 3);
            await worker.WaitForHealthAsync("Unhealthy");
            await Backend.Host.StartApiAsync(TestContext.Current.CancellationToken);
            await worker.WaitForHealthAsync("Healthy");

            Assert.Equal(Rows + 4, await LocalRows.CountAsync(database, "artifacts"));
            Assert.Equal(await ServerRows.DigestAsync(Backend, user, Artifacts), await LocalRows.DigestAsync(database, Artifacts));
            var end = (await worker.StopAsync()).AssertExitCode(0);

            // One line when the server went, one when it was back.
            Assert.Equal((1, 1), (Count(end, "Agent.Sync.Hosting[7002]"), Count(end, "Agent.Sync.Hosting[7001]")));
            Assert.Contains(collector.Bodies, static body => body.Contains("sync_duration", StringComparison.Ordinal));
            Assert.Contains(collector.Bodies, static body => body.Contains("sync page", StringComparison.Ordinal));
            Assert.DoesNotContain(collector.Bodies, body => body.Contains(user.Email, StringComparison.Ordinal) || body.Contains(user.Id.ToString(), StringComparison.Ordinal));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
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

    private static int Count(ProcessEnd end, string text) => end.Out.Split(text).Length - 1;
}
