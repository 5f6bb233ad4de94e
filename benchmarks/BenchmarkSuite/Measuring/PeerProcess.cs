using System.Diagnostics;
using System.Text.Json;

namespace BenchmarkSuite.Measuring;

/// <summary>Runs a peer as a process of its own. One at a time: the kernel counts the CPU time of children together.</summary>
internal static class PeerProcess
{
    private static readonly TimeSpan Longest = TimeSpan.FromMinutes(5);

    public static async Task<ProcessCost> RunAsync(IReadOnlyList<string> command)
    {
        var before = ChildUsage.Cpu();
        var started = Stopwatch.GetTimestamp();
        using var process = Start(command);
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = process.StandardError.ReadToEndAsync();
        using var timeout = new CancellationTokenSource(Longest);
        try
        {
            await process.WaitForExitAsync(timeout.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw new PeerException($"{command[0]} was not done after {Longest.TotalMinutes:0} minutes.");
        }

        var wall = Stopwatch.GetElapsedTime(started);
        var cpu = ChildUsage.Cpu() - before;
        if (process.ExitCode != 0)
        {
            throw new PeerException($"{string.Join(' ', command.Select(Path.GetFileName))} ended with exit code {process.ExitCode}: {Tail(await errors)}");
        }

        return ReadReport(await output) with { Wall = wall, Cpu = cpu };
    }

    /// <summary>Starts a peer, kills it after a time, and returns whether it was still running then.</summary>
    public static async Task<bool> KillAsync(IReadOnlyList<string> command, TimeSpan after)
    {
        using var process = Start(command);
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        var ended = process.WaitForExitAsync();
        var isRunning = await Task.WhenAny(ended, Task.Delay(after)) != ended;
        if (isRunning)
        {
            process.Kill(entireProcessTree: true);
        }

        await ended;
        return isRunning;
    }

    /// <summary>Returns what a program prints.</summary>
    public static async Task<string> ReadAsync(IReadOnlyList<string> command)
    {
        using var process = Start(command);
        var output = await process.StandardOutput.ReadToEndAsync();
        await process.WaitForExitAsync();
        return output;
    }

    public static Process Start(IReadOnlyList<string> command, bool keepsInput = false)
    {
        ProcessStartInfo start = new(command[0], command.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, RedirectStandardInput = keepsInput };
        return Process.Start(start) ?? throw new PeerException($"{command[0]} could not be started.");
    }

    /// <summary>Reads what a peer says about itself: its last line. Programs that are no peers of ours say nothing.</summary>
    public static ProcessCost ReadReport(string output)
    {
        var line = output.TrimEnd().Split('\n')[^1];
        if (!line.StartsWith('{'))
        {
            return new ProcessCost();
        }

        using var json = JsonDocument.Parse(line);
        long? Number(string name) => json.RootElement.TryGetProperty(name, out var value) ? value.GetInt64() : null;
        return new ProcessCost { Rows = Number("rows"), PeakBytes = Number("peakBytes"), AllocatedBytes = Number("allocatedBytes") };
    }

    private static string Tail(string text) => text.Length > 2_000 ? text[^2_000..] : text;
}
