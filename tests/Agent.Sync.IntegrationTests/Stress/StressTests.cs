using System.Globalization;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>
/// Eight writers whose transactions commit out of order, three clients of two users that edit, sync and are killed. Twenty seconds here;
/// at length by hand: <c>STRESS_SECONDS=600 dotnet test --project tests/Agent.Sync.IntegrationTests --filter-class '*StressTests'</c>.
/// </summary>
public sealed class StressTests(ITestOutputHelper output)
{
    private static readonly TimeSpan LongestTransaction = TimeSpan.FromSeconds(2);

    private static double Length { get; } =
        double.TryParse(Environment.GetEnvironmentVariable("STRESS_SECONDS"), CultureInfo.InvariantCulture, out var seconds) ? seconds / 20 : 1;

    [Fact]
    public async Task SyncAsync_WritersAndKilledClientsWithTheKit_EveryDeviceEqualsTheServerAndNoEditIsLost()
    {
        await using var run = new StressRun(new StressSettings(TimeSpan.FromSeconds(20 * Length), Kit: true, LongestTransaction, OverlapLag: TimeSpan.Zero));
        await run.RunAsync();
        output.WriteLine(run.Report.ToString());

        await run.AssertConvergedAsync(CompletenessGrade.Exact);
        output.WriteLine(run.Report.ToString());

        Assert.True(run.Report is { Commits: > 0, Rollbacks: > 0, Savepoints: > 0, Kills: > 0, Pushed: > 0, Conflicts: > 0, Rejected: > 0 }, run.Report.ToString());
    }

    [Fact]
    public async Task SyncAsync_SameWritersWithoutTheKitAndALongLag_EveryDeviceEqualsTheServerAndNoEditIsLost()
    {
        await using var run = new StressRun(new StressSettings(TimeSpan.FromSeconds(10 * Length), Kit: false, LongestTransaction, OverlapLag: TimeSpan.FromSeconds(10)));
        await run.RunAsync();

        await run.AssertConvergedAsync(CompletenessGrade.Overlap);
        output.WriteLine(run.Report.ToString());

        Assert.True(run.Report is { Commits: > 0, Kills: > 0, Pushed: > 0 }, run.Report.ToString());
    }

    [Fact]
    public async Task SyncAsync_SameWritersWithoutTheKitAndNoLag_LosesRows()
    {
        // The counterpart of the tests above: it shows that they look.
        await using var run = new StressRun(new StressSettings(TimeSpan.FromSeconds(10), Kit: false, LongestTransaction, OverlapLag: TimeSpan.Zero)
        {
            ClientsEdit = false,
        });
        await run.RunAsync();

        Assert.NotEmpty(await run.DifferencesAsync());
    }
}
