using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>A process that is killed loses nothing that it reported, and the next one goes on from there.</summary>
public sealed class KillTests(BackendFixture backends)
{
    private const int Rows = 1_500;

    [Theory]
    [InlineData(7, 10_000)]
    [InlineData(10, 70)]
    public async Task Pull_KilledAtSeveralPoints_ResumesAndEndsEqualToTheServer(int pageSize, int commitRows)
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows, new() { Projects = 5, DeletedEvery = 50 });
        using SampleConsole console = new(backends.Main, user);
        console.Environment["AGENT_SYNC_COMMIT_ROWS"] = $"{commitRows}";
        console.Environment["AGENT_SYNC_COMMIT_MILLISECONDS"] = commitRows > pageSize && commitRows < Rows ? "60000" : "0";
        long safe = 0;
        foreach (var point in (int[])[1, 300, 600, 900])
        {
            await using var process = console.StartPull(pageSize);
            await SampleConsole.WaitForRowsAsync(process, point);
            process.Kill();
            var killed = await process.WaitForExitAsync();

            Assert.NotEqual(0, killed.ExitCode);
            Assert.True(SampleConsole.ResumedRows(killed) >= safe, $"Resumed at {SampleConsole.ResumedRows(killed)} after {safe} rows were reported.");
            safe = SampleConsole.LastRows(killed);
        }

        var end = (await console.PullAsync(pageSize)).AssertExitCode(0);

        var resumed = SampleConsole.ResumedRows(end);
        Assert.InRange(resumed, safe, Rows);
        Assert.InRange(SampleConsole.Find(end, "result")!.Value.GetProperty("applied").GetInt64(), 0, Rows - resumed);
        await console.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task Pull_KilledBeforeItsFirstRow_StartsAgainAndCompletes()
    {
        var user = await backends.Main.SignUpWithRowsAsync(200);
        using SampleConsole console = new(backends.Main, user);
        await using (var process = console.StartPull(10))
        {
            await process.WaitForLineAsync(static line => line.Contains("\"signedIn\"", StringComparison.Ordinal) ? true : default(bool?));
            process.Kill();
            await process.WaitForExitAsync();
        }

        (await console.PullAsync(100)).AssertExitCode(0);

        await console.AssertEqualToServerAsync();
    }
}
