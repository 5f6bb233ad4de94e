using System.Text.Json;
using BenchmarkSuite.Measuring;

namespace BenchmarkSuite.Peers;

/// <summary>One store of a peer, from empty on.</summary>
internal abstract class PeerStore(Peer peer, Server server, Uri url, string databaseUrl, string folder) : IAsyncDisposable
{
    private static readonly JsonSerializerOptions Json = new(JsonSerializerDefaults.Web);

    protected Peer Peer { get; } = peer;

    protected string File { get; } = Path.Combine(folder, "rows.db");

    /// <summary>Brings the store up to date.</summary>
    public abstract Task<ProcessCost> PullAsync(int pageSize);

    /// <summary>Sends the app's edits.</summary>
    public abstract Task<ProcessCost> PushAsync();

    /// <summary>Edits as the app would.</summary>
    public abstract Task EditAsync(EditKind kind, int count);

    /// <summary>Reads the name of every row that the app would see.</summary>
    public abstract Task<IReadOnlyDictionary<Guid, string>> ReadNamesAsync();

    /// <summary>Starts a pull and kills it; returns whether it was still running.</summary>
    public abstract Task<bool> KillPullAsync(int pageSize, TimeSpan after);

    public virtual ValueTask DisposeAsync()
    {
        Directory.Delete(folder, recursive: true);
        return ValueTask.CompletedTask;
    }

    /// <summary>Returns the command line for a verb, and writes its job.</summary>
    protected IReadOnlyList<string> Command(string verb, int pageSize = 1_000, int count = 0)
    {
        var job = Path.Combine(folder, "job.json");
        System.IO.File.WriteAllText(job, JsonSerializer.Serialize(
            new { url, server.ApiKey, server.Token, File, pageSize, count, database = databaseUrl }, Json));
        return [.. Peer.Program, verb, job];
    }
}
