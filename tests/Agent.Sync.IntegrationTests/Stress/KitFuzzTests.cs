using System.Collections.Concurrent;
using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>
/// Ten writers that commit out of order, roll back, prepare, merge, and move rows between keys, owners and partitions, against two devices that
/// pull all the time. Thirty seconds here; at length by hand, with another seed each time:
/// <c>STRESS_SECONDS=600 STRESS_SEED=7 dotnet test --project tests/Agent.Sync.IntegrationTests --filter-class '*KitFuzzTests'</c>.
/// </summary>
public sealed class KitFuzzTests(ITestOutputHelper output)
{
    private const int Writers = 10;

    private static readonly string[] Needed =
        ["commit", "rollback", "commit prepared", "rollback prepared", "insert", "update", "upsert", "merge", "key move", "partition move", "owner change", "delete", "cascade", "delete and insert", "inner block"];

    [Fact]
    public async Task SyncAsync_TenWritersOfEveryKind_BothDevicesEqualTheServer()
    {
        var seed = Setting("STRESS_SEED", 1);
        await using var backend = await Backend.StartAsync(new LocalBackendOptions { Kit = true });
        backend.RequireSessions();
        await FuzzTables.CreateAsync(backend);
        TestUser[] users = [await backend.SignUpAsync(), await backend.SignUpAsync()];
        var counts = new ConcurrentDictionary<string, int>(StringComparer.Ordinal);
        await using var first = NewDevice(backend, users[0]);
        await using var second = NewDevice(backend, users[1]);
        using var stop = new CancellationTokenSource(TimeSpan.FromSeconds(Setting("STRESS_SECONDS", 30)));

        var writers = Enumerable.Range(1, Writers)
            .Select(number => new FuzzWriter(backend.Host.DatabaseConnectionString!, users, counts, (seed * 1_000) + number))
            .Select(writer => Task.Run(() => writer.RunAsync(stop.Token)));
        await Task.WhenAll(
            [
                .. writers,
                Task.Run(() => PullAsync(first, counts, stop.Token), TestContext.Current.CancellationToken),
                Task.Run(() => PullAsync(second, counts, stop.Token), TestContext.Current.CancellationToken),
            ]);
        output.WriteLine(string.Join(", ", counts.OrderBy(static count => count.Key, StringComparer.Ordinal).Select(static count => $"{count.Key} {count.Value}")));

        foreach (var device in (Device[])[first, second])
        {
            var result = await device.SyncToTheEndAsync();
            Assert.Equal((SyncOutcome.Completed, CompletenessGrade.Exact), (result.Outcome, result.Grade));
            foreach (var dataset in FuzzTables.Datasets)
            {
                await device.AssertEqualToServerAsync(dataset);
            }
        }

        Assert.Empty(await backend.SqlAsync("select * from agent_sync.check()"));
        Assert.DoesNotContain(Needed, name => !counts.ContainsKey(name));
    }

    private static Device NewDevice(Backend backend, TestUser user) => new(backend, user, FuzzTables.Datasets) { Configure = static options => options.PageSize = 25 };

    private static async Task PullAsync(Device device, ConcurrentDictionary<string, int> counts, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            var result = await device.SyncAsync(cancellationToken: CancellationToken.None);
            counts.AddOrUpdate($"sync {result.Outcome}", 1, static (_, count) => count + 1);
        }
    }

    private static int Setting(string name, int usual) =>
        int.TryParse(Environment.GetEnvironmentVariable(name), NumberStyles.Integer, CultureInfo.InvariantCulture, out var value) ? value : usual;
}
