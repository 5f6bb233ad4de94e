using System.Diagnostics;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The worker of the sample or of the template, running, seen as an orchestrator sees it: by its health endpoint.</summary>
internal sealed class WorkerProcess : IAsyncDisposable
{
    /// <summary>Far above what any test needs: a worker that never gets there fails its own test.</summary>
    private static readonly TimeSpan Patience = TimeSpan.FromMinutes(1);

    private readonly HttpClient _http = new();
    private readonly ChildProcess _process;

    private WorkerProcess(ChildProcess process, Uri url)
    {
        _process = process;
        _http.BaseAddress = url;
    }

    /// <summary>The settings of a worker for a user of a backend: it syncs every second and counts rows as too old after three.</summary>
    public static Dictionary<string, string> Settings(Backend backend, TestUser user, string database) => new()
    {
        ["AgentSync__Url"] = backend.Host.Url.ToString(),
        ["AgentSync__ApiKey"] = backend.Host.PublishableKey,
        ["AgentSync__AllowInsecureLoopback"] = "true",
        ["AgentSync__Retry__MaxRetries"] = "0",
        ["AgentSync__Breaker__BreakDuration"] = "00:00:01",
        ["SignIn__Email"] = user.Email,
        ["SignIn__Password"] = TestUser.Password,
        ["Database"] = database,
        ["HostedSync__Interval"] = "00:00:01",
        ["HostedSync__Backoff"] = "00:00:00.5",
        ["HostedSync__MaxBackoff"] = "00:00:01",
        ["MaxAge"] = "00:00:03",
    };

    /// <summary>Starts a worker's program where its settings files are, on a free port.</summary>
    public static async Task<WorkerProcess> StartAsync(string program, Dictionary<string, string> settings)
    {
        const string Listening = "Now listening on: ";
        settings["ASPNETCORE_URLS"] = "http://127.0.0.1:0";
        var process = ChildProcess.StartDotnet(Path.GetDirectoryName(program)!, settings, "exec", program);
        try
        {
            var port = await process.WaitForLineAsync<int>(static line =>
                line.IndexOf(Listening, StringComparison.Ordinal) is >= 0 and var start ? new Uri(line[(start + Listening.Length)..]).Port : null);
            return new WorkerProcess(process, new Uri($"http://127.0.0.1:{port}/"));
        }
        catch
        {
            await process.DisposeAsync();
            throw;
        }
    }

    public async Task WaitForHealthAsync(string expected)
    {
        var start = Stopwatch.GetTimestamp();
        while (await HealthAsync() is var health && health != expected)
        {
            Assert.True(Stopwatch.GetElapsedTime(start) < Patience, $"The worker is {health} and does not become {expected}.");
            await Task.Delay(TimeSpan.FromMilliseconds(100), TimeProvider.System);
        }
    }

    /// <summary>Ends it as an orchestrator does.</summary>
    public async Task<ProcessEnd> StopAsync()
    {
        await _process.SignalAsync("TERM");
        return await _process.WaitForExitAsync();
    }

    public async ValueTask DisposeAsync()
    {
        _http.Dispose();
        await _process.DisposeAsync();
    }

    private async Task<string> HealthAsync()
    {
        using var response = await _http.GetAsync(new Uri("health", UriKind.Relative));
        return await response.Content.ReadAsStringAsync();
    }
}
