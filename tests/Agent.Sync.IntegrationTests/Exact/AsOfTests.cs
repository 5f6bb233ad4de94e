using System.Collections.Concurrent;
using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Exact;

/// <summary>What <see cref="DatasetResult.AsOf"/> claims, against transactions that stay open and commit while runs read. PostgreSQL's clock after each commit is the oracle.</summary>
[Collection(ExactCollection.Name)]
public sealed class AsOfTests(BackendFixture backends)
{
    private const int Writers = 4;
    private const int Transactions = 15;

    [Fact]
    public async Task AsOf_WritersCommitLateWhileRunsRead_NeverLaterThanACommitThatIsMissing()
    {
        await using var scene = await ExactScene.OpenAsync(await backends.GetExactAsync());
        scene.Device.Configure = static options => (options.PageSize, options.MaxPullRequests) = (7, 1);
        await scene.SqlAsync(scene.Insert(1, 2 * Writers * Transactions));
        await scene.SyncAsync();
        var commits = new ConcurrentBag<(int Number, DateTimeOffset At)>();
        var writers = Task.WhenAll(Enumerable.Range(0, Writers).Select(writer => Task.Run(() => WriteAsync(scene, writer, commits))));
        DateTimeOffset? last = null;
        var covered = 0;
        for (var isOver = false; !isOver;)
        {
            // The run after the writers' end must cover all of them.
            isOver = writers.IsCompleted;
            var result = await scene.SyncAsync();
            var asOf = Assert.NotNull(result.AsOf);
            Assert.True(last is null || asOf >= last, "The time fell.");
            last = asOf;
            var missing = new List<int>();
            var before = commits.Where(commit => commit.At < asOf).ToList();
            covered = before.Count;
            foreach (var (number, _) in before)
            {
                if (await StateAsync(scene, number) != "1 new 0")
                {
                    missing.Add(number);
                }
            }

            Assert.Empty(missing);
            Assert.Equal(asOf, (await scene.Device.StatusAsync()).AsOf);
        }

        await writers;
        Assert.Equal(Writers * Transactions, covered);
        await scene.AssertEqualAsync();
    }

    /// <summary>Each transaction inserts a row, changes a row and deletes one that no other touches: no change hides another one.</summary>
    private static async Task WriteAsync(ExactScene scene, int writer, ConcurrentBag<(int Number, DateTimeOffset At)> commits)
    {
        var random = new Random(writer);
        var session = $"as-of-{scene.First}-{writer}";
        for (var transaction = 0; transaction < Transactions; transaction++)
        {
            var number = (writer * Transactions) + transaction + 1;
            await scene.SqlAsync("begin; select pg_current_xact_id();", session);
            var (inserted, changed, deleted) = Rows(number);
            string[] writes = [scene.Insert(inserted, 1), scene.Update("label = 'new'", $"row = {changed}"), scene.Delete($"row = {deleted}")];
            foreach (var write in writes)
            {
                var wait = random.Next(40) / 1000.0;
                await scene.SqlAsync(write + string.Create(CultureInfo.InvariantCulture, $" select pg_sleep({wait});"), session);
            }

            await scene.SqlAsync("commit", session);
            commits.Add((number, (await scene.SqlAsync("select clock_timestamp() as now"))[0].GetProperty("now").GetDateTimeOffset()));
        }

        await scene.Backend.Host.CloseSessionAsync(session, TestContext.Current.CancellationToken);
    }

    private static (int Inserted, int Changed, int Deleted) Rows(int number) => ((3 * Writers * Transactions) + number, number, (Writers * Transactions) + number);

    private static async Task<string> StateAsync(ExactScene scene, int number)
    {
        var (inserted, changed, deleted) = Rows(number);
        return (string)(await LocalRows.ScalarAsync(scene.Device.DatabasePath, string.Create(
            CultureInfo.InvariantCulture,
            $"select (select count(*) from notes where id = {scene.Id(inserted)}) || ' ' || (select label from notes where id = {scene.Id(changed)}) || ' ' || (select count(*) from notes where id = {scene.Id(deleted)})")))!;
    }
}
