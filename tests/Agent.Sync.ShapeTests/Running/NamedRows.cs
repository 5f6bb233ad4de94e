namespace Agent.Sync.ShapeTests.Running;

/// <summary>The rows that a device does not hold as the server has them, and says so.</summary>
/// <param name="Kept">The changes that wait, are in flight or lie in quarantine.</param>
/// <param name="Parked">Tables and keys of the server's rows that the local table refuses.</param>
internal sealed record NamedRows(IReadOnlyList<KeptChange> Kept, IReadOnlyList<(string Table, string Key)> Parked)
{
    public bool HasQuarantine => Kept.Any(static change => change.Change.State == ChangeState.Quarantined);

    /// <summary>Returns the keys of a table's rows.</summary>
    public HashSet<string> KeysOf(string table) =>
        [.. Kept.Select(static change => (change.Table, change.Key)).Concat(Parked).Where(row => row.Table == table).Select(static row => row.Key)];

    public override string ToString() => string.Join("; ", Kept) + string.Concat(Parked.Select(static row => $"; {row.Table} {row.Key} parked"));
}

/// <summary>A change that a device still keeps.</summary>
internal sealed record KeptChange(string Table, string Key, LocalChange Change)
{
    /// <summary>Gets whether nobody can tell that a person made it: the user decides.</summary>
    public bool IsUnrecorded => Change is { State: ChangeState.Quarantined, Code: "unrecorded" or "column_gone" };

    public override string ToString() => $"{Table} {Key} {Change.Kind} {Change.State} {Change.Code} {Change.Constraint}";
}
