namespace Agent.Sync.Sqlite.Schema;

/// <summary>Names in statements. A dataset's names are letters, digits, '_' and '$', so quoting is all they need.</summary>
internal static class Names
{
    /// <summary>What every bookkeeping table starts with.</summary>
    public const string Prefix = "agent_sync_";

    public static string Quote(string name) => $"\"{name}\"";

    public static string List(IEnumerable<string> names) => string.Join(", ", names.Select(Quote));

    public static IEnumerable<string> Keys(Dataset dataset) => dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].LocalName);
}
