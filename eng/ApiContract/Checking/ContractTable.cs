using System.Text.Json.Nodes;
using Agent.Sync;

namespace ApiContract.Checking;

/// <summary>A described table's columns.</summary>
internal sealed class ContractTable(JsonNode roles, JsonNode row)
{
    private readonly HashSet<string> _columns = row["properties"]!.AsObject().Select(static property => property.Key).ToHashSet(StringComparer.Ordinal);
    private readonly string[] _key = [.. roles["key"]!.AsArray().Select(static name => (string)name!)];
    private readonly string _cursor = (string)roles["cursor"]!;
    private readonly string _version = (string)roles["version"]!;

    /// <summary>Returns whether a dataset's columns are among the table's, in the same roles.</summary>
    public bool Describes(Dataset dataset) =>
        dataset.Columns.Select(static column => column.Name).Concat(dataset.Filters.Select(static filter => filter.Column)).All(_columns.Contains)
        && dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Name).SequenceEqual(_key, StringComparer.Ordinal)
        && dataset.Columns[dataset.CursorOrdinal].Name == _cursor
        && dataset.Columns[dataset.VersionOrdinal ?? dataset.CursorOrdinal].Name == _version;
}
