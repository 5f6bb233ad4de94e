using System.Globalization;
using BenchmarkSuite.Cells;
using BenchmarkSuite.Peers;
using BenchmarkSuite.Results;

namespace BenchmarkSuite.Reporting;

/// <summary>The page: what was measured, beside what it was to be.</summary>
/// <param name="results">What was measured.</param>
/// <param name="peers">Everyone that the suite knows.</param>
/// <param name="notes">What people have written about it.</param>
internal sealed class Report(SuiteResults results, IReadOnlyList<Peer> peers, string notes)
{
    private readonly MedianTable _medians = new(results.Samples);
    private readonly Peer[] _measured = [.. peers.Where(peer => results.Samples.Any(sample => sample.Peer == peer.Id))];

    public string Write() => string.Join('\n',
    [
        "# Benchmarks",
        "",
        "Agent.Sync beside what else brings a table of a Supabase project onto a machine and edits back, in one run on one machine. This page and its charts are written by `eng/bench.sh`.",
        "",
        "![Full pull: seconds and processor seconds of each peer](benchmarks-pull.svg)",
        "",
        .. Setting(),
        .. Absolute(),
        .. Relative(),
        .. Targets(),
        .. Memory(),
        .. ServerCosts(),
        .. Distances(),
        .. Findings(),
        .. Descriptions(),
        .. Absences(),
        notes.TrimEnd(),
        "",
    ]);

    private string[] Setting() =>
    [
        "## What is measured",
        "",
        $"- Rows: {Text(results.Run.Rows)} of about 1.25 KB of JSON with nine columns, one user's, behind row-level security.",
        "- Server: the local backend of this repository, PostgreSQL behind `@supabase/lite` on Node, on the same machine. One client runs at a time, and shares the cores with it.",
        $"- Every figure is the median of {Text(results.Run.Rounds)} interleaved rounds, with the lowest and the highest in brackets. Every run is a fresh process, from its start to its end; the exception is named below.",
        "- CPU is user and system time of the client's process, as the kernel counts it.",
        $"- Full pull: an empty store. No-op: nothing has changed. Delta: {Text(results.Run.Rows / 100)} rows have changed. Pushes: {Text(results.Run.Rows / 10)} new rows, "
            + $"{Text(results.Run.Rows / 100)} updates, {Text(results.Run.Rows / 100)} deletes, from the app's own edits in its local store.",
        "",
        $"Machine: {results.Run.Machine}. {results.Run.Versions}. {results.Run.Date}, `{results.Run.Command}`.",
        "",
    ];

    private IEnumerable<string> Absolute() =>
    [
        "## Seconds",
        "",
        "Wall seconds (lowest to highest) / CPU seconds.",
        "",
        .. Table(_measured, Cell.All, (peer, cell) => _medians.Of(peer.Id, cell.Id) is { } median
            ? string.Create(CultureInfo.InvariantCulture, $"{Seconds(median.Wall)} ({Seconds(median.Fastest)} to {Seconds(median.Slowest)}) / {Seconds(median.Cpu)}{(median.IsShort ? " ✗" : string.Empty)}")
            : string.Empty),
        "",
        .. results.Samples.Any(static sample => sample.RowsOnly is not null) ? (string[])["✗: it ended without an error and without all rows.", string.Empty] : [],
    ];

    private IEnumerable<string> Relative() =>
    [
        "## Against the supabase-js loop",
        "",
        "Wall / CPU, as multiples of the loop's; below 1 is faster.",
        "",
        "![All situations against the supabase-js loop](benchmarks-cells.svg)",
        "",
        .. Table(_measured.Where(static peer => peer.Kind != PeerKind.Limit), Cell.All, (peer, cell) =>
            _medians.Ratio(peer.Id, PeerCatalog.Reference, cell.Id) is var (wall, cpu) ? string.Create(CultureInfo.InvariantCulture, $"{wall:F2} / {cpu:F2}") : string.Empty),
        "",
    ];

    private IEnumerable<string> Targets() =>
    [
        "## Targets",
        "",
        "| situation | build | of | target, wall / CPU | measured | |",
        "|---|---|---|---|---|---|",
        .. from target in Target.All
           let ratio = _medians.Ratio(target.Peer, target.Reference, target.Cell.Id)
           where ratio is not null
           let isMet = ratio.Value.Wall <= target.Wall && ratio.Value.Cpu <= (target.Cpu ?? double.MaxValue)
           select string.Create(
               CultureInfo.InvariantCulture,
               $"| {target.Cell.Title} | {Title(target.Peer)} | {Title(target.Reference)} | {target.Wall:0.##}{(target.Cpu is { } cpu ? $" / {cpu:0.##}" : string.Empty)} | {ratio.Value.Wall:F2}{(target.Cpu is null ? string.Empty : $" / {ratio.Value.Cpu:F2}")} | {(isMet ? "met" : "**not met**")} |"),
        "",
    ];

    private IEnumerable<string> Memory() =>
    [
        "## Memory",
        "",
        "Highest resident memory, and for .NET what was allocated in all, in MB.",
        "",
        .. Table(_measured, [Cell.Full, Cell.NoOp, Cell.Inserts], (peer, cell) => _medians.Of(peer.Id, cell.Id) is { Peak: { } peak } median
            ? string.Create(CultureInfo.InvariantCulture, $"{peak:F0}{(median.Allocated is { } allocated ? $" / {allocated:F1}" : string.Empty)}")
            : string.Empty),
        "",
    ];

    private IEnumerable<string> ServerCosts() => results.Traffic.Count == 0 ? [] :
    [
        "## What it costs the server",
        "",
        $"Requests, MB to and from the client, and CPU seconds of PostgreSQL and Node{(results.Run.Rows == 100_000 ? string.Empty : ", not per 100,000 rows but for this table")}.",
        "",
        .. Table(peers.Where(peer => results.Traffic.Any(sample => sample.Peer == peer.Id)), Cell.All, (peer, cell) =>
            results.Traffic.FirstOrDefault(sample => sample.Peer == peer.Id && sample.Cell == cell.Id) is { } traffic
                ? string.Create(
                    CultureInfo.InvariantCulture,
                    $"{traffic.Requests:N0}, {traffic.BytesUp / 1e6:F2} / {traffic.BytesDown / 1e6:F2}{(_medians.Of(peer.Id, cell.Id) is { } median ? $", {median.ServerCpu:F2} s" : string.Empty)}")
                : string.Empty),
        "",
    ];

    private IEnumerable<string> Distances()
    {
        if (results.Latency.Count == 0)
        {
            return [];
        }

        var columns = results.Latency.Select(static sample => (sample.Milliseconds, sample.PageSize)).Distinct().OrderByDescending(static column => column.PageSize).ToArray();
        return
        [
            "## Over a distance",
            "",
            "Seconds of a full pull through a relay that holds each request for so many milliseconds.",
            "",
            $"| peer | {string.Join(" | ", columns.Select(static column => string.Create(CultureInfo.InvariantCulture, $"{column.Milliseconds} ms, {column.PageSize:N0} a page")))} |",
            $"|---|{string.Concat(columns.Select(static _ => "---|"))}",
            .. results.Latency.Select(static sample => sample.Peer).Distinct().Select(peer => $"| {Title(peer)} | {string.Join(" | ", columns.Select(column =>
                results.Latency.FirstOrDefault(sample => sample.Peer == peer && (sample.Milliseconds, sample.PageSize) == column) is { } sample ? Seconds(sample.Wall) : string.Empty))} |"),
            "",
        ];
    }

    private IEnumerable<string> Findings() => results.Findings.Count == 0 ? [] :
    [
        "## What is lost",
        "",
        "Others write while the first pull runs; a transaction stamps its rows before others and commits after a pull; the first pull is killed half-way. Pulls follow until it is quiet, and then "
            + "the peer's table is compared with the server's, row by row.",
        "",
        "| peer | what went on | rows missing | rows stale | |",
        "|---|---|---|---|---|",
        .. results.Findings.Select(finding => string.Create(
            CultureInfo.InvariantCulture, $"| {Title(finding.Peer)} | {finding.Scenario} | {Count(finding.Missing)} | {Count(finding.Stale)} | {finding.Note} |")),
        "",
    ];

    private IEnumerable<string> Descriptions() =>
    [
        "## Where each stores, and what it leaves out",
        "",
        "| peer | rows end up in | not done, or lost |",
        "|---|---|---|",
        .. peers.Where(peer => _measured.Contains(peer) || results.Findings.Any(finding => finding.Peer == peer.Id))
            .Select(static peer => $"| {peer.Title} | {peer.Stores} | {peer.LeavesOut} |"),
        "",
    ];

    private IEnumerable<string> Absences() => results.Absences.Count == 0 ? [] :
    [
        "## Not measured",
        "",
        .. results.Absences.Select(absence => $"- {Title(absence.Peer)}: {absence.Reason.ReplaceLineEndings(" ")}"),
        "",
    ];

    private static IEnumerable<string> Table(IEnumerable<Peer> rows, IReadOnlyList<Cell> columns, Func<Peer, Cell, string> text) =>
    [
        $"| peer | {string.Join(" | ", columns.Select(static cell => cell.Title))} |",
        $"|---|{string.Concat(columns.Select(static _ => "---|"))}",
        .. rows.Select(peer => $"| {peer.Title} | {string.Join(" | ", columns.Select(cell => text(peer, cell)))} |"),
    ];

    private static string Count(int rows) => rows == 0 ? "0" : string.Create(CultureInfo.InvariantCulture, $"**{rows:N0}**");

    private static string Text(int number) => number.ToString("N0", CultureInfo.InvariantCulture);

    private static string Seconds(double seconds) => seconds.ToString(seconds < 1 ? "F3" : "F2", CultureInfo.InvariantCulture);

    private string Title(string id) => peers.FirstOrDefault(peer => peer.Id == id)?.Title ?? id;
}
