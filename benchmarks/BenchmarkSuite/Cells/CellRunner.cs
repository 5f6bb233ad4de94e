using BenchmarkSuite.Measuring;
using BenchmarkSuite.Peers;
using BenchmarkSuite.Results;

namespace BenchmarkSuite.Cells;

/// <summary>Takes one peer through every cell, from an empty store on, and leaves the server as it was.</summary>
internal sealed class CellRunner(Server server, Action<string> log)
{
    private const int PageSize = 1_000;
    private const int SmallPageSize = 100;
    private const int InsertShare = 10;
    private const int ChangeShare = 100;

    /// <summary>Measures time, processor and memory.</summary>
    public async Task<IReadOnlyList<Sample>> MeasureAsync(Peer peer, int round, string folder)
    {
        List<Sample> samples = [];
        await RunAsync(peer, folder, server.Url, server.DatabaseUrl, async (cell, expected, run) =>
        {
            ChildUsage.FlushDisks();
            var before = ProcessTree.Cpu(server.Processes);
            var cost = await run();
            samples.Add(Sample.From(peer, cell, round, cost, ProcessTree.Cpu(server.Processes) - before, expected));
            log($"{peer.Title,-45} {cell.Title,-28} {cost.Wall.TotalSeconds,8:F3} s {cost.Cpu.TotalSeconds,8:F3} s CPU");
        });
        return samples;
    }

    /// <summary>Counts requests and bytes; what it takes is not measured, because a relay stands between.</summary>
    public async Task<IReadOnlyList<TrafficSample>> CountAsync(Peer peer, string folder)
    {
        List<TrafficSample> samples = [];
        await using Relay relay = new(server.Url.Port);
        Uri database = new(server.DatabaseUrl);
        await using Relay databaseRelay = new(database.Port);
        await RunAsync(peer, folder, WithPort(server.Url, relay.Port), WithPort(database, databaseRelay.Port).ToString(), async (cell, _, run) =>
        {
            await run();
            var http = relay.TakeTraffic();
            var sql = databaseRelay.TakeTraffic();
            samples.Add(new TrafficSample(peer.Id, cell.Id, http.Requests, http.BytesUp + sql.BytesUp, http.BytesDown + sql.BytesDown));
        });
        return samples;
    }

    private static Uri WithPort(Uri url, int port) => new UriBuilder(url) { Port = port }.Uri;

    private async Task RunAsync(Peer peer, string folder, Uri url, string databaseUrl, Func<Cell, int?, Func<Task<ProcessCost>>, Task> measure)
    {
        await using (var store = peer.Open(server, url, databaseUrl, NewFolder(folder)))
        {
            await measure(Cell.Full, server.Rows, () => store.PullAsync(PageSize));
            if (peer.Kind != PeerKind.Limit)
            {
                try
                {
                    await RunAsync(peer, store, measure);
                }
                finally
                {
                    await server.RestoreAsync(peer.Table);
                }
            }
        }

        await using var other = peer.Open(server, url, databaseUrl, NewFolder(folder));
        await measure(Cell.FullSmallPages, server.Rows, () => other.PullAsync(SmallPageSize));
    }

    private async Task RunAsync(Peer peer, PeerStore store, Func<Cell, int?, Func<Task<ProcessCost>>, Task> measure)
    {
        var (inserts, changes) = (server.Rows / InsertShare, server.Rows / ChangeShare);
        await measure(Cell.NoOp, null, () => store.PullAsync(PageSize));
        await server.ChangeAsync(peer.Table, changes);
        await measure(Cell.Delta, changes, () => store.PullAsync(PageSize));
        await store.EditAsync(EditKind.Insert, inserts);
        await measure(Cell.Inserts, inserts, store.PushAsync);
        await server.CheckPushedAsync(peer, string.Empty, inserts);
        await server.SettleAsync(peer.Table);
        await store.EditAsync(EditKind.Update, changes);
        await measure(Cell.Updates, changes, store.PushAsync);
        await server.CheckPushedAsync(peer, " changed", changes);
        await server.SettleAsync(peer.Table);
        await store.EditAsync(EditKind.Delete, changes);
        await measure(Cell.Deletes, changes, store.PushAsync);
    }

    private static string NewFolder(string folder) => Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName;
}
