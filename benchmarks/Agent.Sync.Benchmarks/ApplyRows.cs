using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agent.Sync.Benchmarks;

/// <summary>Rows of about 1.3 KB with every frequent type, in key order, the same for each run.</summary>
internal sealed class ApplyRows
{
    public ApplyRows(int pages, int rowsPerPage)
    {
        var random = new Random(1);
        var ids = Enumerable.Range(0, pages * rowsPerPage).Select(_ => NewGuid(random).ToString()).Order(StringComparer.Ordinal).ToArray();
        Json = [.. ids.Chunk(rowsPerPage).Select(chunk => Encoding.UTF8.GetBytes($"[{string.Join(',', chunk.Select(id => Row(id, random)))}]"))];
        ReadyValues = [.. Json.SelectMany(static json => JsonDocument.Parse(json).RootElement.EnumerateArray().Select(Ready))];
    }

    public static Dataset Dataset { get; } = Agent.Sync.Dataset.Define("artifacts").Key("id", ColumnType.Uuid)
        .Column("owner_id", ColumnType.Uuid).Column("title", ColumnType.Text).Column("content", ColumnType.Text)
        .Column("metadata", ColumnType.Json).Column("size_bytes", ColumnType.Integer).Column("price", ColumnType.Numeric)
        .Column("is_public", ColumnType.Boolean).Column("created_at", ColumnType.Timestamptz).UpdatedAt("updated_at")
        .Version("version").DeletedAt("deleted_at").Build();

    public byte[][] Json { get; }

    /// <summary>Gets the values as SQLite keeps them: bytes of a text, a number, or -1 for null.</summary>
    public (byte[]? Text, long Number)[][] ReadyValues { get; }

    private static (byte[]? Text, long Number)[] Ready(JsonElement row) =>
        [.. Dataset.Columns.Select(column => Ready(column, row.GetProperty(column.Name)))];

    private static (byte[]? Text, long Number) Ready(DatasetColumn column, JsonElement value) => column.Type switch
    {
        _ when value.ValueKind == JsonValueKind.Null => (null, -1),
        ColumnType.Integer => (null, value.GetInt64()),
        ColumnType.Boolean => (null, value.GetBoolean() ? 1 : 0),
        ColumnType.Uuid => (Encoding.UTF8.GetBytes(value.GetString()!.ToUpperInvariant()), 0),
        ColumnType.Timestamptz => (Encoding.UTF8.GetBytes(value.GetString()!.Replace('T', ' ')), 0),
        ColumnType.Text => (Encoding.UTF8.GetBytes(value.GetString()!), 0),
        _ => (Encoding.UTF8.GetBytes(value.GetRawText()), 0),
    };

    private static string Row(string id, Random random)
    {
        var content = new StringBuilder();
        while (content.Length < 800)
        {
            content.Append(CultureInfo.InvariantCulture, $"{random.Next():x8} lorem ipsum dolor{(random.Next(8) == 0 ? "\\n" : " ")}");
        }

        return string.Create(CultureInfo.InvariantCulture, $$$"""
            {"id":"{{{id}}}","owner_id":"{{{NewGuid(random)}}}","title":"Artifact {{{random.Next()}}}","content":"{{{content}}}","metadata":{"tags": ["a", "b", "{{{random.Next()}}}"], "score": {{{random.NextDouble():F4}}}, "source": {"kind": "import", "batch": {{{random.Next()}}}}},"size_bytes":{{{random.NextInt64(1L << 40)}}},"price":{{{random.Next(100_000) / 100m:F2}}},"is_public":{{{(random.Next(2) == 0 ? "true" : "false")}}},"created_at":"2026-01-01T12:34:56.{{{random.Next(1, 1_000_000):D6}}}+00:00","updated_at":"2026-02-01T12:34:56.{{{random.Next(1, 1_000_000):D6}}}+00:00","version":{{{random.Next(1, 1000)}}},"deleted_at":null}
            """);
    }

    private static Guid NewGuid(Random random)
    {
        var bytes = new byte[16];
        random.NextBytes(bytes);
        return new Guid(bytes);
    }
}
