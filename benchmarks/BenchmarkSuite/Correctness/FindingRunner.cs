using System.Globalization;
using BenchmarkSuite.Measuring;
using BenchmarkSuite.Peers;
using BenchmarkSuite.Results;

namespace BenchmarkSuite.Correctness;

/// <summary>What a peer's rows are worth when others write beside it, commit late, or it is killed: its table against the server's, row by row.</summary>
internal sealed class FindingRunner(Server server, Peer peer, string folder)
{
    private const int PageSize = 1_000;
    private const int LateRows = 100;

    public async Task<IReadOnlyList<Finding>> RunAsync()
    {
        List<Finding> findings = [await BesideAWriterAsync(), await WithALateCommitAsync()];
        if (peer.Kind == PeerKind.File)
        {
            findings.Add(await KilledAsync());
        }

        return findings;
    }

    /// <summary>Rows change and come all the time during the first pull; another pull follows when it is quiet again.</summary>
    private async Task<Finding> BesideAWriterAsync()
    {
        await using var store = NewStore();
        using CancellationTokenSource ended = new();
        var writing = WriteAsync(ended.Token);
        await store.PullAsync(PageSize);
        await ended.CancelAsync();
        var written = await writing;
        await store.PullAsync(PageSize);
        return await CompareAsync(store, "a writer beside the first pull", string.Create(CultureInfo.InvariantCulture, $"{written} writes"));
    }

    private async Task<int> WriteAsync(CancellationToken ended)
    {
        var writes = 0;
        while (!ended.IsCancellationRequested)
        {
            await server.SqlAsync(server.ChangeText(peer.Table, 20));
            await server.SqlAsync(server.AddText(peer.Table, 20));
            writes += 40;
        }

        return writes;
    }

    /// <summary>A transaction stamps its rows, later ones commit, a pull sees these, and only then the first commits.</summary>
    private async Task<Finding> WithALateCommitAsync()
    {
        const string Late = "late";
        await using var store = NewStore();
        await store.PullAsync(PageSize);
        await server.SqlAsync("begin", Late);
        await server.SqlAsync(server.ChangeText(peer.Table, LateRows), Late);
        await server.SqlAsync(server.AddText(peer.Table, LateRows), Late);
        await server.SqlAsync(server.AddText(peer.Table, LateRows));
        await store.PullAsync(PageSize);
        await server.SqlAsync("commit", Late);
        await store.PullAsync(PageSize);
        await server.SqlAsync(server.AddText(peer.Table, LateRows));
        await store.PullAsync(PageSize);
        return await CompareAsync(store, "a transaction that commits late", string.Create(CultureInfo.InvariantCulture, $"{2 * LateRows} rows in it"));
    }

    /// <summary>The first pull is killed half-way, and run again.</summary>
    private async Task<Finding> KilledAsync()
    {
        TimeSpan whole;
        await using (var other = NewStore())
        {
            whole = (await other.PullAsync(PageSize)).Wall;
        }

        await using var store = NewStore();
        var wasRunning = await store.KillPullAsync(PageSize, whole / 2);
        var rest = (await store.PullAsync(PageSize)).Wall;
        var note = wasRunning
            ? string.Create(CultureInfo.InvariantCulture, $"killed after half of {whole.TotalSeconds:F1} s; the run after it took {rest.TotalSeconds:F1} s")
            : "it was done before it could be killed";
        return await CompareAsync(store, "a kill in the middle", note);
    }

    private async Task<Finding> CompareAsync(PeerStore store, string scenario, string note)
    {
        var local = await store.ReadNamesAsync();
        var (missing, stale) = (0, 0);
        foreach (var (id, name) in await server.ReadNamesAsync(peer.Table))
        {
            if (!local.TryGetValue(id, out var found))
            {
                missing++;
            }
            else if (found != name)
            {
                stale++;
            }
        }

        await server.RestoreAsync(peer.Table);
        return new Finding(peer.Id, scenario, missing, stale, note);
    }

    private PeerStore NewStore() =>
        peer.Open(server, server.Url, server.DatabaseUrl, Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName);
}
