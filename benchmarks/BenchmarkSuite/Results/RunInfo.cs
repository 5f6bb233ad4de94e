using System.Globalization;
using System.Runtime.InteropServices;
using BenchmarkSuite.Peers;

namespace BenchmarkSuite.Results;

/// <summary>Where, when and how the suite ran.</summary>
internal sealed record RunInfo
{
    public required string Date { get; init; }

    public required string Command { get; init; }

    public required int Rows { get; init; }

    public required int Rounds { get; init; }

    public required string Machine { get; init; }

    public required string Versions { get; init; }

    public static async Task<RunInfo> CollectAsync(SuiteOptions options, Server server)
    {
        var postgres = (await server.SqlAsync("show server_version"))[0].GetProperty("server_version").GetString()!.Split(' ')[0];
        var node = (await Measuring.PeerProcess.ReadAsync(["node", "--version"])).Trim();
        return new RunInfo
        {
            Date = DateTime.UtcNow.ToString("yyyy-MM-dd", CultureInfo.InvariantCulture),
            Command = options.CommandLine,
            Rows = options.Rows,
            Rounds = options.Rounds,
            Machine = string.Create(
                CultureInfo.InvariantCulture,
                $"{Environment.ProcessorCount} cores ({Processor()}), {GC.GetGCMemoryInfo().TotalAvailableMemoryBytes / (1 << 30)} GiB, {RuntimeInformation.OSDescription}"),
            Versions = $".NET {Environment.Version}, Node {node}, PostgreSQL {postgres}",
        };
    }

    private static string Processor() =>
        File.ReadLines("/proc/cpuinfo").FirstOrDefault(static line => line.StartsWith("model name", StringComparison.Ordinal))?.Split(':')[1].Trim() ?? "unknown";
}
