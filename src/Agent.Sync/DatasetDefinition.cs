namespace Agent.Sync;

internal sealed class DatasetDefinition
{
    public required string Name { get; set; }

    public required string RemoteTable { get; init; }

    public required string LocalTable { get; set; }

    public string Schema { get; set; } = "public";

    public List<DatasetColumn> Columns { get; } = [];

    public List<int> KeyOrdinals { get; } = [];

    public int CursorOrdinal { get; set; } = -1;

    public int? VersionOrdinal { get; set; }

    public int? DeletedOrdinal { get; set; }

    public DeleteHandling DeleteHandling { get; set; }

    public ConflictPolicy? ConflictPolicy { get; set; }

    public Func<Conflict, CancellationToken, ValueTask<ConflictDecision>>? ConflictResolver { get; set; }

    public List<DatasetFilter> Filters { get; } = [];

    public HashSet<string> ServerOwned { get; } = new(StringComparer.OrdinalIgnoreCase);
}
