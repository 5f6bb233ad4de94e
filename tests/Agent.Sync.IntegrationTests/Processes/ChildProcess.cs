using System.Diagnostics;
using System.Globalization;
using System.Text;
using System.Threading.Channels;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>A running program whose output is read as it comes.</summary>
internal sealed class ChildProcess : IAsyncDisposable
{
    /// <summary>Far above what any test needs: a hang fails its own test.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(3);

    private static readonly Lazy<bool> IgnoresInterrupts = new(ReadIgnoresInterrupts);

    private readonly Process _process;
    private readonly Channel<string> _lines = Channel.CreateUnbounded<string>();
    private readonly StringBuilder _out = new();
    private readonly StringBuilder _error = new();
    private readonly Task _readers;

    private ChildProcess(Process process)
    {
        _process = process;
        _readers = Task.WhenAll(ReadOutAsync(), ReadErrorAsync());
    }

    public int Id => _process.Id;

    /// <summary>Starts a dotnet command with the environment of the tests, without what configures the SDK under test.</summary>
    public static ChildProcess StartDotnet(string folder, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments) =>
        Start("dotnet", folder, environment, arguments);

    public static async Task<ProcessEnd> RunDotnetAsync(string folder, IReadOnlyDictionary<string, string> environment, params IEnumerable<string> arguments)
    {
        await using var process = StartDotnet(folder, environment, arguments);
        return await process.WaitForExitAsync();
    }

    /// <summary>Waits for a line of the standard output, from where the last wait ended.</summary>
    public async Task<T> WaitForLineAsync<T>(Func<string, T?> find)
        where T : struct
    {
        using CancellationTokenSource patience = new(Patience);
        await foreach (var line in _lines.Reader.ReadAllAsync(patience.Token))
        {
            if (find(line) is { } found)
            {
                return found;
            }
        }

        var end = await WaitForExitAsync();
        throw new InvalidOperationException($"The process ended with {end.ExitCode} before it said what was waited for.\n{end.Out}\n{end.Error}");
    }

    /// <summary>Ends the process as a power loss or kill -9 does: it runs no further instruction.</summary>
    public void Kill() => _process.Kill();

    /// <summary>Sends a signal such as INT.</summary>
    public async Task SignalAsync(string signal)
    {
        await using var kill = Start("kill", Path.GetTempPath(), new Dictionary<string, string>(), [$"-{signal}", Id.ToString(CultureInfo.InvariantCulture)]);
        (await kill.WaitForExitAsync()).AssertExitCode(0);
    }

    public async Task<ProcessEnd> WaitForExitAsync()
    {
        using CancellationTokenSource patience = new(Patience);
        await _process.WaitForExitAsync(patience.Token);
        await _readers.WaitAsync(patience.Token);
        return new ProcessEnd(_process.ExitCode, _out.ToString(), _error.ToString());
    }

    public async ValueTask DisposeAsync()
    {
        if (!_process.HasExited)
        {
            _process.Kill(entireProcessTree: true);
        }

        await _readers;
        _process.Dispose();
    }

    private static ChildProcess Start(string program, string folder, IReadOnlyDictionary<string, string> environment, IEnumerable<string> arguments)
    {
        var start = HearsInterrupts(program, arguments);
        start.WorkingDirectory = folder;
        start.RedirectStandardInput = true;
        start.RedirectStandardOutput = true;
        start.RedirectStandardError = true;
        foreach (var name in start.Environment.Keys.Where(IsConfiguration).ToArray())
        {
            start.Environment.Remove(name);
        }

        foreach (var (name, value) in environment)
        {
            start.Environment[name] = value;
        }

        var process = Process.Start(start)!;
        process.StandardInput.Close();
        return new ChildProcess(process);
    }

    /// <summary>Whoever runs the tests in a shell's background has them ignore SIGINT, and a child would inherit that.</summary>
    private static ProcessStartInfo HearsInterrupts(string program, IEnumerable<string> arguments) =>
        IgnoresInterrupts.Value ? new("env", ["--default-signal=INT", program, .. arguments]) : new(program, arguments);

    private static bool ReadIgnoresInterrupts()
    {
        const string Field = "SigIgn:";
        var line = OperatingSystem.IsLinux() ? File.ReadLines("/proc/self/status").FirstOrDefault(static line => line.StartsWith(Field, StringComparison.Ordinal)) : null;
        return line is not null && (ulong.Parse(line.AsSpan(Field.Length), NumberStyles.HexNumber | NumberStyles.AllowLeadingWhite, CultureInfo.InvariantCulture) & 0b10) != 0;
    }

    private static bool IsConfiguration(string name) =>
        name.StartsWith("AGENT_SYNC_", StringComparison.Ordinal) || name.StartsWith("SUPABASE_", StringComparison.Ordinal) || name.StartsWith("MSBuild", StringComparison.Ordinal);

    private async Task ReadOutAsync()
    {
        while (await _process.StandardOutput.ReadLineAsync() is { } line)
        {
            _out.AppendLine(line);
            _lines.Writer.TryWrite(line);
        }

        _lines.Writer.Complete();
    }

    private async Task ReadErrorAsync()
    {
        while (await _process.StandardError.ReadLineAsync() is { } line)
        {
            _error.AppendLine(line);
        }
    }
}
