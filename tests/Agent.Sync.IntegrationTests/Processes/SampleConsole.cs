using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The console as a process, and the file that it pulls into.</summary>
internal sealed class SampleConsole(Backend backend, TestUser user) : IDisposable
{
    private static readonly string Program = Path.Combine(
        Repository.Root, "src", "Agent.Sync.Cli", "bin", Repository.Configuration, "net10.0", "agent-sync.dll");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-sync-console-");

    public TestUser User => user;

    public string Database => Path.Combine(_folder.FullName, "rows.db");

    /// <summary>Gets the environment, which tests may change before they start a process.</summary>
    public Dictionary<string, string> Environment { get; } = new(backend.EnvironmentOf(user))
    {
        ["AGENT_SYNC_CONFIG"] = Path.Combine(Repository.Root, "src", "Agent.Sync.Cli", "Demo", "agent-sync.json"),
        ["AGENT_SYNC_COMMIT_MILLISECONDS"] = "0",
    };

    /// <summary>From now on, a request every so often and no burst: a run lasts as long as its pages times this.</summary>
    public void SlowDown(int requestsPerSecond)
    {
        Environment["AGENT_SYNC_REQUESTS_PER_SECOND"] = requestsPerSecond.ToString(CultureInfo.InvariantCulture);
        Environment["AGENT_SYNC_REQUEST_BURST"] = "1";
    }

    public void RunFreely()
    {
        Environment.Remove("AGENT_SYNC_REQUESTS_PER_SECOND");
        Environment.Remove("AGENT_SYNC_REQUEST_BURST");
    }

    public ChildProcess StartPull(int pageSize) => StartPullAsText(pageSize, "--json");

    public ChildProcess StartPullAsText(int pageSize, params IEnumerable<string> options) =>
        Start(["pull", "--database", Database, "--page-size", pageSize.ToString(CultureInfo.InvariantCulture), .. options]);

    /// <summary>Starts <c>sync</c> or <c>push</c>, with so many changes per request.</summary>
    public ChildProcess StartSending(string command, int pushRows) =>
        Start([command, "--json", "--database", Database, "--push-rows", pushRows.ToString(CultureInfo.InvariantCulture)]);

    /// <summary>Runs a command on the file, with JSON events.</summary>
    public Task<ProcessEnd> RunOnFileAsync(string command, params IEnumerable<string> arguments) => RunAsync([command, "--json", "--database", Database, .. arguments]);

    public async Task<ProcessEnd> PullAsync(int pageSize)
    {
        await using var process = StartPull(pageSize);
        return await process.WaitForExitAsync();
    }

    public async Task<ProcessEnd> RunAsync(params IEnumerable<string> arguments)
    {
        await using var process = Start(arguments);
        return await process.WaitForExitAsync();
    }

    /// <summary>Waits until this many artifacts are committed and reported.</summary>
    /// <returns>How many the report says.</returns>
    public static Task<long> WaitForRowsAsync(ChildProcess process, long rows) => process.WaitForLineAsync(line => RowsCompleted(line) is { } completed && completed >= rows ? completed : default(long?));

    /// <summary>Waits until this many local changes are settled and reported.</summary>
    /// <returns>How many the report says.</returns>
    public static Task<long> WaitForSentAsync(ChildProcess process, long changes) => process.WaitForLineAsync(line => ChangesSent(line) is { } sent && sent >= changes ? sent : default(long?));

    /// <summary>The local changes that the last report of a run counts as settled; 0 if none came.</summary>
    public static long LastSent(ProcessEnd end) => Lines(end).Select(ChangesSent).LastOrDefault(static sent => sent is not null) ?? 0;

    /// <summary>The local changes that waited when a run began.</summary>
    public static long PendingAtStart(ProcessEnd end) => Find(end, "pending")?.GetProperty("changes").GetInt64() ?? 0;

    /// <summary>The artifacts that the last report of a run counts; 0 if none came.</summary>
    public static long LastRows(ProcessEnd end) => Lines(end).Select(RowsCompleted).LastOrDefault(static rows => rows is not null) ?? 0;

    /// <summary>The last event of a kind, or nothing.</summary>
    public static JsonElement? Find(ProcessEnd end, string kind)
    {
        var events = Lines(end).Select(Parse).Where(one => one?.GetProperty("event").GetString() == kind);
        return events.LastOrDefault();
    }

    /// <summary>The artifacts that a run found from earlier ones; 0 if it began anew.</summary>
    public static long ResumedRows(ProcessEnd end) => Find(end, "resuming")?.GetProperty("rows").GetInt64() ?? 0;

    public async Task AssertEqualToServerAsync()
    {
        foreach (var dataset in (Dataset[])[Datasets.Artifacts, Datasets.Projects])
        {
            Assert.Equal(await ServerRows.DigestAsync(backend, user, dataset), await LocalRows.DigestAsync(Database, dataset));
        }

        Assert.Equal("ok", await LocalRows.ScalarAsync(Database, "pragma integrity_check"));
    }

    public ChildProcess Start(params IEnumerable<string> arguments) => ChildProcess.StartDotnet(_folder.FullName, Environment, ["exec", Program, .. arguments]);

    public void Dispose() => _folder.Delete(recursive: true);

    private static string[] Lines(ProcessEnd end) => end.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);

    private static long? RowsCompleted(string line) => Completed(line, isPush: false);

    private static long? ChangesSent(string line) => Completed(line, isPush: true);

    private static long? Completed(string line, bool isPush) =>
        Parse(line) is { } found && found.GetProperty("event").GetString() == "progress" && found.GetProperty("dataset").GetString() == "artifacts"
            && found.GetProperty("phase").GetString() == "Push" == isPush
            ? found.GetProperty("completed").GetInt64()
            : null;

    private static JsonElement? Parse(string line)
    {
        try
        {
            using var document = JsonDocument.Parse(line);
            return document.RootElement.Clone();
        }
        catch (JsonException)
        {
            // A killed process may leave half a line.
            return null;
        }
    }

}
