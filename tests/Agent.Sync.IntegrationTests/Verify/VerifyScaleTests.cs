using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Verify;

/// <summary>What a verify costs with the SQL kit. AGENT_SYNC_VERIFY_ROWS sets the number of rows; docs/verify.md has the figures of a million.</summary>
public sealed class VerifyScaleTests(BackendFixture backends, ITestOutputHelper output)
{
    private const int MostRequestsUnchanged = 60;
    private const int MostRequestsForOneRow = 80;

    [Fact]
    public async Task VerifyAsync_ManyRows_TakesFewRequests()
    {
        var rows = int.Parse(Environment.GetEnvironmentVariable("AGENT_SYNC_VERIFY_ROWS") ?? "3000", CultureInfo.InvariantCulture);
        var backend = backends.Main;
        backend.RequireSessions();
        var (team, user) = (Guid.NewGuid(), await backend.SignUpAsync());
        await backend.SqlAsync($"insert into public.verify_members (team, member) values ('{team}', '{user.Id}'); {VerifyTables.Insert("uuid", team, 1, rows)} analyze public.verify_uuid;");
        await using var scene = new VerifyScene(backend, user, VerifyTables.Of("uuid"));
        scene.Device.Configure = static options => options.PageSize = 1_000;
        await scene.SyncAsync();

        var unchanged = await MeasureAsync(backend, "unchanged", () => scene.VerifyAsync());
        Assert.True(unchanged.IsClean);
        Assert.Equal(rows, unchanged.Compared);
        Assert.InRange(unchanged.Requests, 1, MostRequestsUnchanged);

        await scene.TamperAsync("update verify_uuid set sync_seq = 1, label = 'tampered' where label = 'row 77'");
        var repaired = await MeasureAsync(backend, "one row", () => scene.VerifyAsync(repair: true));

        Assert.Equal((1L, 1L, 1L), (repaired.Stale, repaired.Restored, repaired.BucketsDiffered));
        Assert.InRange(repaired.Requests, 1, MostRequestsForOneRow);
        await scene.AssertEqualAsync();
    }

    private async Task<VerifyResult> MeasureAsync(Backend backend, string name, Func<Task<VerifyResult>> verify)
    {
        var before = await ProcessorSecondsAsync(backend);
        var result = await verify();
        var server = await ProcessorSecondsAsync(backend) - before;
        output.WriteLine(string.Create(
            CultureInfo.InvariantCulture,
            $"{name}: {result.Compared} rows, {result.Requests} requests, {result.Bytes} bytes, {result.Duration.TotalSeconds:F1} s, {server:F1} s of PostgreSQL's processors, {Environment.WorkingSet / 1_000_000} MB here"));
        return result;
    }

    /// <summary>Returns what the server's sessions have used of its processors, where that can be seen.</summary>
    private static async Task<double> ProcessorSecondsAsync(Backend backend)
    {
        const double TicksPerSecond = 100;
        var ticks = 0L;
        foreach (var session in await backend.SqlAsync("select pid from pg_stat_activity"))
        {
            var stat = $"/proc/{session.GetProperty("pid").GetInt32()}/stat";
            if (File.Exists(stat))
            {
                // After the name in parentheses, user and system time are fields 12 and 13.
                var fields = (await File.ReadAllTextAsync(stat)).Split(')')[^1].Split(' ', StringSplitOptions.RemoveEmptyEntries);
                ticks += long.Parse(fields[11], CultureInfo.InvariantCulture) + long.Parse(fields[12], CultureInfo.InvariantCulture);
            }
        }

        return ticks / TicksPerSecond;
    }
}
