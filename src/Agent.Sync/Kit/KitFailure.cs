namespace Agent.Sync.Kit;

/// <summary>What is wrong with the SQL kit, in words that say what to do.</summary>
internal static class KitFailure
{
    public const int KnownVersion = 2;

    public static SyncSchemaException OtherVersion(int version) => new(
        SyncErrorKind.SqlKit,
        version > KnownVersion
            ? $"The database has version {version} of the SQL kit, this library understands version {KnownVersion}. Update the package Agent.Sync, or set SqlKit to Ignore."
            : $"The database has version {version} of the SQL kit, this library needs version {KnownVersion}. Run the kit's migration of this package again; it upgrades.");

    public static SyncSchemaException NeedsRestamp(Dataset dataset) => new(
        SyncErrorKind.SqlKit,
        $"Table '{HorizonCall.NameOf(dataset)}' was loaded from a dump of another database, so its sequence is ahead of this database's. Run as the owner: select agent_sync.restamp('{HorizonCall.NameOf(dataset)}'); then sync with FullResync.",
        dataset.Name);

    /// <summary>Says what keeps the kit from seeing every change of a table, and how to mend it.</summary>
    /// <param name="dataset">The table's dataset.</param>
    /// <param name="problem">The kit's own word for it.</param>
    public static SyncSchemaException Problem(Dataset dataset, string problem) => new(
        SyncErrorKind.SqlKit,
        $"The SQL kit does not see every change of table '{HorizonCall.NameOf(dataset)}': {Describe(problem)}. Then run as the owner: {EnableCall(dataset)}",
        dataset.Name);

    private static string Describe(string problem) => problem switch
    {
        "triggers" => "a trigger of the kit is missing, disabled or not ENABLE ALWAYS. Find out what changed it",
        "columns" => "sync_seq or the tombstones are missing, or a column of the key, of a policy or of a filter has another type than in the tombstones",
        "parent" => "it has a parent table or a subscription writes to it. If it is a partition, call agent_sync.disable on it and enable the partitioned table instead",
        "children" => "it has child tables, whose rows have no stamp. Remove the inheritance",
        "unlogged" => "it is unlogged, and a crash would empty it unnoticed. Run ALTER TABLE ... SET LOGGED",
        "forced" => "row-level security holds for its owner too, which hides rows from the kit. Run ALTER TABLE ... NO FORCE ROW LEVEL SECURITY",
        "key" => "no unique index covers exactly the columns of its key, all of them not null. Create it",
        _ => "agent_sync.check() says why",
    };

    public static SyncSchemaException OtherKey(Dataset dataset, IReadOnlyList<string> enabled, IReadOnlyList<string> declared)
    {
        var isOrder = enabled.Count == declared.Count && enabled.All(column => declared.Contains(column, StringComparer.Ordinal));
        var whatToDo = isOrder
            ? "Declare the key's columns in the dataset in the order that the table has them."
            : $"Declare the table's key in the dataset. Where the dataset's columns identify a row by themselves, add a unique index on them (not null) and run as the owner: select agent_sync.disable('{HorizonCall.NameOf(dataset)}', keep_column => true); select agent_sync.enable('{HorizonCall.NameOf(dataset)}', key => '{{{string.Join(',', declared)}}}');";
        return new SyncSchemaException(
            SyncErrorKind.SqlKit,
            $"Table '{HorizonCall.NameOf(dataset)}' is enabled with the key ({string.Join(", ", enabled)}), but dataset '{dataset.Name}' declares the key ({string.Join(", ", declared)}): rows would replace each other here, and deletes would miss theirs. {whatToDo}",
            dataset.Name);
    }

    public static SyncSchemaException Missing(Dataset dataset) => new(
        SyncErrorKind.SqlKit,
        $"SqlKit is Require, but table '{HorizonCall.NameOf(dataset)}' is not enabled. Apply the SQL kit's migration, expose schema {HorizonCall.Schema} to the API and run as the owner: {EnableCall(dataset)}",
        dataset.Name);

    public static SyncSchemaException Replica(string? code) => new(
        SyncErrorKind.SqlKit,
        $"The SQL kit's horizon was asked of a read replica ({code}), whose pages may lack rows that are committed already. Set Url to the primary database's API, not to a load balancer or a replica.",
        dataset: null,
        code);

    public static SyncSchemaException TombstonesDoNotFit(Dataset dataset, string? code) => new(
        SyncErrorKind.SqlKit,
        $"The tombstones of table '{HorizonCall.NameOf(dataset)}' are not as the kit left them ({code}). Run as the owner: {EnableCall(dataset)}",
        dataset.Name,
        code);

    /// <summary>Writes the call that enables a table for a dataset, or mends what is missing for it.</summary>
    public static string EnableCall(Dataset dataset)
    {
        var filters = dataset.Filters.Select(static filter => filter.Column).Distinct(StringComparer.Ordinal).ToList();
        return filters.Count == 0
            ? $"select agent_sync.enable('{HorizonCall.NameOf(dataset)}');"
            : $"select agent_sync.enable('{HorizonCall.NameOf(dataset)}', filter_columns => '{{{string.Join(',', filters)}}}');";
    }

    public static SyncProtocolException Malformed(string function = "horizon") => new(
        SyncErrorKind.UnexpectedResponse,
        $"The answer of function {HorizonCall.Schema}.{function} is not what version {KnownVersion} of the SQL kit sends. Check that the function is the kit's own and that no proxy answers in its place.",
        dataset: null);
}
