namespace Agent.Sync.Testing.Postgrest;

/// <summary>The operations that were applied, per user: sent again they are not applied again.</summary>
internal sealed class ModelLedger
{
    private readonly HashSet<(Guid Operation, string? User)> _applied = [];

    public bool Has(Guid operation, string? user) => _applied.Contains((operation, user));

    public void Add(WriteScope scope, Guid operation, string? user)
    {
        _applied.Add((operation, user));
        scope.OnRollback(() => _applied.Remove((operation, user)));
    }
}
