using System.Diagnostics;
using System.Text.Json;
using BenchmarkSuite.Measuring;

namespace BenchmarkSuite.Peers;

/// <summary>Rows in a process's memory: it lives as long as the store, and each run is a command to it. The first run includes its start.</summary>
internal sealed class SessionStore : PeerStore
{
    private readonly long _started = Stopwatch.GetTimestamp();
    private readonly Process _process;
    private bool _hasRun;

    public SessionStore(Peer peer, Server server, Uri url, string databaseUrl, string folder)
        : base(peer, server, url, databaseUrl, folder) => _process = PeerProcess.Start(Command("session"), keepsInput: true);

    public override Task<ProcessCost> PullAsync(int pageSize) => AskAsync(new { verb = "pull", pageSize });

    public override Task<ProcessCost> PushAsync() => AskAsync(new { verb = "push" });

    public override Task EditAsync(EditKind kind, int count) => AskAsync(new { verb = $"edit-{kind}".ToLowerInvariant(), count });

    public override async Task<IReadOnlyDictionary<Guid, string>> ReadNamesAsync()
    {
        using var json = JsonDocument.Parse(await AskForLineAsync(new { verb = "names" }));
        return json.RootElement.EnumerateArray().ToDictionary(static row => row[0].GetGuid(), static row => row[1].GetString()!);
    }

    public override Task<bool> KillPullAsync(int pageSize, TimeSpan after) => throw new NotSupportedException("A killed process has lost its rows.");

    public override async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        await _process.WaitForExitAsync();
        _process.Dispose();
        await base.DisposeAsync();
    }

    private async Task<ProcessCost> AskAsync(object question)
    {
        var started = _hasRun ? Stopwatch.GetTimestamp() : _started;
        var before = _hasRun ? Cpu() : TimeSpan.Zero;
        var answer = PeerProcess.ReadReport(await AskForLineAsync(question));
        _hasRun = true;
        return answer with { Wall = Stopwatch.GetElapsedTime(started), Cpu = Cpu() - before };
    }

    private async Task<string> AskForLineAsync(object question)
    {
        await _process.StandardInput.WriteLineAsync(JsonSerializer.Serialize(question));
        using var timeout = new CancellationTokenSource(TimeSpan.FromMinutes(5));
        return await _process.StandardOutput.ReadLineAsync(timeout.Token)
            ?? throw new PeerException($"{Peer.Id} ended: {await _process.StandardError.ReadToEndAsync()}");
    }

    private TimeSpan Cpu()
    {
        _process.Refresh();
        return _process.TotalProcessorTime;
    }
}
