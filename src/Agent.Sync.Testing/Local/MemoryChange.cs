namespace Agent.Sync.Testing.Local;

/// <summary>One change of an outbox. Immutable: a table replaces it.</summary>
internal sealed record MemoryChange
{
    public required long Id { get; init; }

    public required string Key { get; init; }

    public required string KeyJson { get; init; }

    public Guid OperationId { get; init; } = Guid.NewGuid();

    /// <summary>Gets the server's row that the edit started from; null when there was none.</summary>
    public MemoryRow? Base { get; init; }

    /// <summary>Gets what a pull learned since; null for nothing.</summary>
    public ServerNews? News { get; init; }

    /// <summary>Gets what is in flight; null while it waits or lies in quarantine.</summary>
    public FrozenEdit? Frozen { get; init; }

    public string? Code { get; init; }

    /// <summary>Gets a value indicating whether a resync found the edit and is not complete: it is then decided whether it is sent.</summary>
    public bool IsFound { get; init; }

    /// <summary>Gets a value indicating whether the edit was recorded during a search for unrecorded ones, and its row was not compared yet: it is not sent before.</summary>
    public bool IsUncompared { get; init; }

    public string? Constraint { get; init; }

    public DateTimeOffset? RejectedAt { get; init; }

    public ChangeState State => Frozen is not null ? ChangeState.InFlight : Code is not null ? ChangeState.Quarantined : ChangeState.Waiting;

    /// <summary>Gets a value indicating whether it lies in quarantine for good.</summary>
    public bool LiesInQuarantine => State == ChangeState.Quarantined && !IsFound;

    /// <summary>Gets the server's row as far as it is known here.</summary>
    public MemoryRow? LastKnown => News is null ? Base : News.Row;

    /// <summary>Tells whether the server's row is known to have changed since the edit began. A delete of a row that is already gone does not count.</summary>
    public bool IsContested(MemoryTable table, Dataset dataset) => News is { } news && Code is null
        && ((news.Row is not null && !RowRules.IsRemoval(dataset, news.Row)) || table.Rows.ContainsKey(Key));

    /// <summary>Returns the change as one that waits, to be sent under a new operation id.</summary>
    public MemoryChange WaitAgain(MemoryRow? from) => this with
    {
        OperationId = Guid.NewGuid(),
        Base = from,
        News = null,
        Frozen = null,
        Code = null,
        Constraint = null,
        RejectedAt = null,
        IsFound = false,
        IsUncompared = false,
    };

    /// <summary>Takes in what a pull brought: a quarantined change starts from it, any other keeps it beside its base. So does a quarantined insert, which must not become an edit of another row.</summary>
    public MemoryChange Learn(MemoryRow? row) => LiesInQuarantine && Base is not null ? this with { Base = row } : this with { News = new ServerNews(row) };

    /// <summary>Returns what the edit comes to against the given local row; null when it was taken back.</summary>
    public ChangeKind? Net(Dataset dataset, MemoryRow? local) => (Base, local) switch
    {
        (null, null) => null,
        (null, _) => ChangeKind.Insert,
        (_, null) => RowRules.IsRemoval(dataset, Base) ? null : ChangeKind.Delete,
        _ => RowRules.IsSameContent(dataset, local, Base) ? null : ChangeKind.Update,
    };
}
