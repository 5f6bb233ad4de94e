using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>A worker whose server goes away and comes back: the sample's, and one that was made from the template.</summary>
internal static class WorkerScene
{
    private const int Rows = 250;

    // The columns of the sample's agent-sync.json.
    private static readonly Dataset Artifacts = Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid).Column("type", ColumnType.Text).Column("name", ColumnType.Text)
        .Version("version").UpdatedAt("updated_at").DeletedAt("deleted_at")
        .Build();

    /// <summary>Plays it. The worker has to be healthy, unhealthy and healthy again, and both sides equal at the end.</summary>
    /// <param name="backend">A backend that no other test uses meanwhile.</param>
    /// <param name="user">A user without rows.</param>
    /// <param name="program">The worker's assembly.</param>
    /// <param name="settings">More settings by name; null for none.</param>
    /// <returns>How the worker ended when it was told to.</returns>
    public static async Task<ProcessEnd> PlayAsync(Backend backend, TestUser user, string program, IReadOnlyDictionary<string, string>? settings = null)
    {
        await backend.SeedAsync(user, Rows);
        var folder = Directory.CreateTempSubdirectory("agent-sync-worker-");
        try
        {
            var database = Path.Combine(folder.FullName, "worker.db");
            await using var worker = await WorkerProcess.StartAsync(program, new(WorkerProcess.Settings(backend, user, database).Concat(settings ?? new Dictionary<string, string>())));
            await worker.WaitForHealthAsync("Healthy");
            Assert.Equal(Rows, await LocalRows.CountAsync(database, "artifacts"));

            // While the server is away, rows change on each side.
            await backend.Host.StopApiAsync(TestContext.Current.CancellationToken);
            await LocalRows.ScalarAsync(database, $"insert into artifacts (id, type, name) values ('{Guid.NewGuid()}', 'note', 'Written offline')");
            await backend.InsertArtifactsAsync(user, 3);
            await worker.WaitForHealthAsync("Unhealthy");
            await backend.Host.StartApiAsync(TestContext.Current.CancellationToken);
            await worker.WaitForHealthAsync("Healthy");

            Assert.Equal(Rows + 4, await LocalRows.CountAsync(database, "artifacts"));
            Assert.Equal(await ServerRows.DigestAsync(backend, user, Artifacts), await LocalRows.DigestAsync(database, Artifacts));
            var end = (await worker.StopAsync()).AssertExitCode(0);

            // One line when the server went, one when it was back.
            Assert.Equal((1, 1), (Count(end, "Agent.Sync.Hosting[7002]"), Count(end, "Agent.Sync.Hosting[7001]")));
            return end;
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static int Count(ProcessEnd end, string text) => end.Out.Split(text).Length - 1;
}
