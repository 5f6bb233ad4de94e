using BenchmarkSuite.Cells;
using BenchmarkSuite.Peers;
using BenchmarkSuite.Results;

namespace BenchmarkSuite.Reporting;

/// <summary>The two pictures of the page.</summary>
/// <param name="results">What was measured.</param>
/// <param name="peers">Everyone that the suite knows.</param>
internal sealed class Charts(SuiteResults results, IReadOnlyList<Peer> peers)
{
    private const double LongestRatio = 4;

    private readonly MedianTable _medians = new(results.Samples);

    /// <summary>Returns the full pull of every peer, the fastest first.</summary>
    public string Pull()
    {
        BarChart chart = new($"Full pull of {results.Run.Rows:N0} rows of 1.25 KB, 1,000 a page: seconds", ["wall", "client CPU"], "0.00");
        foreach (var (peer, median) in peers
            .Select(peer => (Peer: peer, Median: _medians.Of(peer.Id, Cell.Full.Id)))
            .Where(static entry => entry.Median is not null)
            .OrderBy(static entry => entry.Median!.Wall))
        {
            chart.Add(peer.Title, median!.Wall, median.Cpu);
        }

        return chart.Write();
    }

    /// <summary>Returns every cell of those that store and push, against the reference.</summary>
    public string Cells()
    {
        string[] shown = ["agent-sync-packages", "agent-sync-aot", "agent-sync-kit-aot", "dotnet-loop"];
        var known = peers.Where(peer => shown.Contains(peer.Id)).ToArray();
        BarChart chart = new("Wall time against the supabase-js loop (1.00)", [.. known.Select(static peer => peer.Title)], "0.00", LongestRatio);
        foreach (var cell in Cell.All)
        {
            chart.Add(cell.Title, [.. known.Select(peer => _medians.Ratio(peer.Id, PeerCatalog.Reference, cell.Id)?.Wall)]);
        }

        return chart.Write();
    }
}
