using BenchmarkSuite.Results;

namespace BenchmarkSuite;

/// <summary>Where the results and what is made of them go.</summary>
internal sealed class ReportFolder
{
    public ReportFolder(SuiteOptions options)
    {
        var isWhole = options.IsWhole;
        var folder = isWhole ? Path.Combine(options.Root, "docs") : Path.Combine(options.Root, "artifacts", "bench", "report");
        Directory.CreateDirectory(folder);
        Page = Path.Combine(folder, "benchmarks.md");
        Results = isWhole ? Path.Combine(options.Root, "benchmarks", "results.json") : Path.Combine(folder, "results.json");
    }

    public string Page { get; }

    public string Results { get; }

    public void Write(SuiteResults results) => File.WriteAllText(Page, Reporting.Report.Write(results));
}
