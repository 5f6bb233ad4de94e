using System.Globalization;

namespace BenchmarkSuite;

/// <summary>What the command line asks for.</summary>
internal sealed record SuiteOptions
{
    public const string Usage = """
        usage: eng/bench.sh [options]

          --quick          fewer rows and rounds: less than 10 minutes
          --rounds N       rounds, interleaved (default 5; 3 with --quick)
          --rows N         rows of the table (default 100,000; 10,000 with --quick)
          --only PEER,...  these peers alone
          --parts PART,... of speed, traffic, latency, findings (default all)
          --report         write the pages and charts again from the last results

        With --only or --parts, the rest of the report stays as the last run left it.
        A run with every default writes docs/benchmarks.md, its charts and benchmarks/results.json. Every other run writes to artifacts/bench/report.
        """;

    public required string Root { get; init; }

    public bool IsQuick { get; init; }

    public int Rounds { get; init; }

    public int Rows { get; init; }

    public IReadOnlyList<string> Only { get; init; } = [];

    public IReadOnlyList<string> Parts { get; init; } = [];

    public bool ReportsOnly { get; init; }

    public string CommandLine { get; init; } = string.Empty;

    /// <summary>Gets a value indicating whether this is the run that the documentation is made of.</summary>
    public bool IsWhole { get; init; }

    /// <summary>Gets a value indicating whether what it does not measure stays as the last run left it.</summary>
    public bool IsPartial => Parts.Count > 0 || Only.Count > 0;

    public bool Has(string part) => Parts.Count == 0 || Parts.Contains(part);

    /// <summary>Reads the command line: the repository's root comes first.</summary>
    /// <exception cref="FormatException">It cannot be understood; the message can be shown.</exception>
    public static SuiteOptions Read(string[] args)
    {
        if (args.Contains("--help"))
        {
            throw new FormatException("Measures Agent.Sync beside its peers.");
        }

        Dictionary<string, string> values = [];
        for (var i = 1; i < args.Length; i++)
        {
            values[args[i]] = args[i] is "--quick" or "--report" ? string.Empty : ++i < args.Length ? args[i] : throw new FormatException($"{args[^1]} needs a value.");
        }

        var isQuick = values.Remove("--quick");
        var reportsOnly = values.Remove("--report");
        SuiteOptions options = new()
        {
            Root = args[0],
            IsQuick = isQuick,
            ReportsOnly = reportsOnly,
            IsWhole = values.Count == 0 && !isQuick,
            CommandLine = string.Join(' ', ["eng/bench.sh", .. args.Skip(1)]),
            Rounds = Number("--rounds", isQuick ? 3 : 5),
            Rows = Number("--rows", isQuick ? 10_000 : 100_000),
            Only = List("--only"),
            Parts = List("--parts"),
        };
        return values.Count == 0 ? options : throw new FormatException($"{values.Keys.First()} is not an option.");

        int Number(string name, int otherwise) => !values.Remove(name, out var text) ? otherwise
            : int.TryParse(text, CultureInfo.InvariantCulture, out var number) && number > 0 ? number : throw new FormatException($"{name} must be a whole number above 0.");

        string[] List(string name) => values.Remove(name, out var text) ? text.Split(',') : [];
    }
}
