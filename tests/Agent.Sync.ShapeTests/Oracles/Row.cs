using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Oracles;

/// <summary>A row's canonical values by column; a column that the table lacks is missing.</summary>
internal sealed class Row : Dictionary<string, string?>
{
    public Row()
        : base(StringComparer.OrdinalIgnoreCase)
    {
    }

    public Row(IEnumerable<KeyValuePair<string, string?>> values)
        : base(values, StringComparer.OrdinalIgnoreCase)
    {
    }

    /// <summary>Returns the key as one text; null when a part of it is null.</summary>
    public string? KeyOf(ShapeTable table)
    {
        var parts = table.Keys.Select(column => this.GetValueOrDefault(column.Name)).ToList();
        return parts.Contains(null) ? null : string.Join('|', parts);
    }

    public override string ToString() => string.Join(", ", this.Select(static pair => $"{pair.Key}={Show(pair.Value)}"));

    public static string Show(string? value) => value is null ? "null" : $"'{(value.Length > 60 ? value[..60] + "..." : value)}'";
}
