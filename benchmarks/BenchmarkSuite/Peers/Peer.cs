namespace BenchmarkSuite.Peers;

/// <summary>A program that gets rows from the server, and perhaps edits onto it.</summary>
internal sealed record Peer
{
    public required string Id { get; init; }

    /// <summary>Gets the name in tables and charts.</summary>
    public required string Title { get; init; }

    /// <summary>Gets where the rows end up.</summary>
    public required string Stores { get; init; }

    /// <summary>Gets a value indicating whether its first pull is also measured over distances.</summary>
    public bool IsOverDistance { get; init; }

    /// <summary>Gets what it does not do, beside what the measurements show.</summary>
    public required string LeavesOut { get; init; }

    /// <summary>Gets the program and its first arguments; a verb and a job follow.</summary>
    public required IReadOnlyList<string> Program { get; init; }

    public PeerKind Kind { get; init; }

    /// <summary>Gets a value indicating whether it works with the SQL kit.</summary>
    public bool NeedsKit { get; init; }

    /// <summary>Gets the verb that brings its store up to date.</summary>
    public string PullVerb { get; init; } = "pull";

    /// <summary>Gets the verb that sends the edits.</summary>
    public string PushVerb { get; init; } = "push";

    /// <summary>Gets how the app's edits get into its file; null where nothing is pushed.</summary>
    public LocalEdits? Edits { get; init; }

    /// <summary>Gets the server's table, where it needs one of its own.</summary>
    public string Table { get; init; } = "artifacts";

    /// <summary>Gets the table in its file.</summary>
    public string LocalTable { get; init; } = "artifacts";

    /// <summary>Gets a file of SQL that makes what it needs on the server.</summary>
    public string? Setup { get; init; }

    /// <summary>Opens a store that is empty.</summary>
    /// <param name="server">The server.</param>
    /// <param name="url">Where the peer is to find it: a relay, perhaps.</param>
    /// <param name="databaseUrl">Where it is to find the database.</param>
    /// <param name="folder">A folder for its files.</param>
    public PeerStore Open(Server server, Uri url, string databaseUrl, string folder) => Kind switch
    {
        PeerKind.Session => new SessionStore(this, server, url, databaseUrl, folder),
        _ => new FileStore(this, server, url, databaseUrl, folder),
    };
}
