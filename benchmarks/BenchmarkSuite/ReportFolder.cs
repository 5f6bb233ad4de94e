using BenchmarkSuite.Peers;
using BenchmarkSuite.Reporting;
using BenchmarkSuite.Results;

namespace BenchmarkSuite;

/// <summary>Where the results and what is made of them go: the documentation for a whole run, a folder that git ignores for any other.</summary>
internal sealed class ReportFolder
{
    private readonly string _root;
    private readonly string _folder;

    public ReportFolder(SuiteOptions options)
    {
        _root = options.Root;
        _folder = options.IsWhole ? Path.Combine(_root, "docs") : Path.Combine(_root, "artifacts", "bench", "report");
        Directory.CreateDirectory(_folder);
        Page = Path.Combine(_folder, "benchmarks.md");
        Results = options.IsWhole ? Path.Combine(_root, "benchmarks", "results.json") : Path.Combine(_folder, "results.json");
    }

    public string Page { get; }

    public string Results { get; }

    public void Write(SuiteResults results)
    {
        var peers = PeerCatalog.All(_root);
        File.WriteAllText(Page, new Report(results, peers, File.ReadAllText(Path.Combine(_root, "benchmarks", "notes.md"))).Write());
        Charts charts = new(results, peers);
        File.WriteAllText(Path.Combine(_folder, "benchmarks-pull.svg"), charts.Pull());
        File.WriteAllText(Path.Combine(_folder, "benchmarks-cells.svg"), charts.Cells());
    }
}
