using BenchmarkSuite.Cells;
using BenchmarkSuite.Results;

namespace BenchmarkSuite.Reporting;

/// <summary>The page.</summary>
internal static class Report
{
    public static string Write(SuiteResults results)
    {
        var lines = new List<string> { "| peer | " + string.Join(" | ", Cell.All.Select(static cell => cell.Title)) + " |" };
        foreach (var peer in results.Samples.Select(static sample => sample.Peer).Distinct())
        {
            lines.Add($"| {peer} | " + string.Join(" | ", Cell.All.Select(cell =>
            {
                var wall = results.Samples.Where(s => s.Peer == peer && s.Cell == cell.Id).Select(static s => s.Wall).Order().ToArray();
                var cpu = results.Samples.Where(s => s.Peer == peer && s.Cell == cell.Id).Select(static s => s.Cpu).Order().ToArray();
                return wall.Length == 0 ? "" : $"{wall[wall.Length / 2]:F3} / {cpu[cpu.Length / 2]:F3}";
            })) + " |");
        }

        return string.Join('\n', lines);
    }
}
