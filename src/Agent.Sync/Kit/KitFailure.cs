namespace Agent.Sync.Kit;

/// <summary>What is wrong with the SQL kit, in words that say what to do.</summary>
internal static class KitFailure
{
    public const int KnownVersion = 1;

    public static SyncSchemaException OtherVersion(int version) => new(
        SyncErrorKind.SqlKit,
        version > KnownVersion
            ? $"The database has version {version} of the SQL kit, this library understands version {KnownVersion}. Update the package Agent.Sync, or set SqlKit to Ignore."
            : $"The database has version {version} of the SQL kit, this library needs version {KnownVersion}. Run the kit's migration of this package again; it upgrades.");

    public static SyncSchemaException NeedsRebase(string table, Dataset dataset) => new(
        SyncErrorKind.SqlKit,
        $"Table '{table}' was loaded from a dump of another database, so its sequence is ahead of this database's. Run as the owner: select agent_sync.rebase('{table}'); then sync with FullResync.",
        dataset.Name);

    public static SyncSchemaException Missing(Dataset dataset) => new(
        SyncErrorKind.SqlKit,
        $"SqlKit is Require, but table '{KitCall.NameOf(dataset)}' is not enabled. Apply the SQL kit's migration, expose schema {KitCall.Schema} to the API and run as the owner: {EnableCall(dataset)}",
        dataset.Name);

    public static SyncSchemaException Replica(string? code) => new(
        SyncErrorKind.SqlKit,
        $"The SQL kit's horizon was asked of a read replica ({code}), whose pages may lack rows that are committed already. Set Url to the primary database's API, not to a load balancer or a replica.",
        dataset: null,
        code);

    public static SyncSchemaException TombstonesDoNotFit(Dataset dataset, string? code) => new(
        SyncErrorKind.SqlKit,
        $"The tombstones of table '{KitCall.NameOf(dataset)}' are not as the kit left them ({code}). Run as the owner: {EnableCall(dataset)}",
        dataset.Name,
        code);

    /// <summary>Writes the call that enables a table for a dataset, or mends what is missing for it.</summary>
    public static string EnableCall(Dataset dataset)
    {
        var filters = dataset.Filters.Select(static filter => filter.Column).Distinct(StringComparer.Ordinal).ToList();
        return filters.Count == 0
            ? $"select agent_sync.enable('{KitCall.NameOf(dataset)}');"
            : $"select agent_sync.enable('{KitCall.NameOf(dataset)}', filter_columns => '{{{string.Join(',', filters)}}}');";
    }

    public static SyncProtocolException Malformed() => new(
        SyncErrorKind.UnexpectedResponse,
        $"The answer of function {KitCall.Schema}.horizon is not what version {KnownVersion} of the SQL kit sends. Check that the function is the kit's own and that no proxy answers in its place.",
        dataset: null);
}
