namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The commands that the documents' figures come from, with as little as they can do.</summary>
public sealed class BenchmarkTests
{
    private static readonly string Program = Path.Combine(
        Repository.Root, "benchmarks", "Agent.Sync.Benchmarks", "bin", Repository.Configuration, "net10.0", "Agent.Sync.Benchmarks.dll");

    [Theory]
    [InlineData("pull 1000 500 0 1", "share of the slower limit")]
    [InlineData("small", "beyond the requests' round trips")]
    [InlineData("backend 200 100 1", "share of the slower limit")]
    [InlineData("push 20 1", "without the kit, 20 inserts, 3 refused: ")]
    [InlineData("kit 600 1", "push of 500 deletes: ")]
    public async Task Benchmark_Command_EndsWithItsFigures(string command, string figure)
    {
        var folder = Directory.CreateTempSubdirectory("benchmark-");
        var environment = new Dictionary<string, string>(StringComparer.Ordinal) { ["BENCHMARK_FOLDER"] = folder.FullName };

        await using var process = ChildProcess.StartDotnet(Repository.Root, environment, ["exec", Program, .. command.Split(' ')]);
        var end = (await process.WaitForExitAsync()).AssertExitCode(0);

        Assert.Contains(figure, end.Out, StringComparison.Ordinal);
    }
}
