using System.Text;
using System.Text.Json;
using Agent.Sync;

namespace CustomStore;

/// <summary>A table in memory, as it is or will be in its file.</summary>
internal sealed class Table
{
    /// <summary>Gets the type of each column that a dataset ever had, by local name.</summary>
    public required Dictionary<string, string> Columns { get; init; }

    /// <summary>Gets the rows by key.</summary>
    public required Dictionary<string, Row> Rows { get; init; }

    /// <summary>Gets or sets the resync under way.</summary>
    public long? Generation { get; set; }

    /// <summary>Gets or sets the resync that was completed last.</summary>
    public long? Completed { get; set; }

    /// <summary>Gets or sets the keys that the resync under way has seen.</summary>
    public HashSet<string> Seen { get; set; } = [];

    public static Table Read(string path, Dataset dataset)
    {
        if (!File.Exists(path))
        {
            return new Table { Columns = [], Rows = [] };
        }

        RowRules rules = new(dataset);
        var lines = File.ReadLines(path);
        using var first = JsonDocument.Parse(lines.First());
        var head = first.RootElement;
        return new Table
        {
            Columns = head.GetProperty("columns").EnumerateObject().ToDictionary(static column => column.Name, static column => column.Value.GetString()!),
            Rows = lines.Skip(1).Select(static line => new Row(line)).ToDictionary(rules.KeyOf),
            Generation = NumberOf(head, "generation"),
            Completed = NumberOf(head, "completed"),
            Seen = [.. head.GetProperty("seen").EnumerateArray().Select(static key => key.GetString()!)],
        };
    }

    public Table Copy() => new() { Columns = new(Columns), Rows = new(Rows), Generation = Generation, Completed = Completed, Seen = [.. Seen] };

    /// <summary>Adds the dataset's new columns.</summary>
    /// <returns>Whether there were any.</returns>
    /// <exception cref="SyncSchemaException">A column has another type in the file.</exception>
    public bool AddColumns(Dataset dataset)
    {
        var isChanged = false;
        foreach (var column in dataset.Columns)
        {
            isChanged |= Columns.TryAdd(column.LocalName, column.Type.ToString());
            if (Columns[column.LocalName] != column.Type.ToString())
            {
                throw new SyncSchemaException(
                    SyncErrorKind.LocalSchema,
                    $"Column '{column.LocalName}' of '{dataset.LocalTable}' is {Columns[column.LocalName]} in the file and {column.Type} in the dataset: delete the file, and the next sync fills it again.",
                    dataset.Name);
            }
        }

        return isChanged;
    }

    public void Write(string path) => Files.Replace(path, file =>
    {
        using (Utf8JsonWriter head = new(file))
        {
            head.WriteStartObject();
            head.WriteStartObject("columns");
            foreach (var (name, type) in Columns)
            {
                head.WriteString(name, type);
            }

            head.WriteEndObject();
            WriteNumber(head, "generation", Generation);
            WriteNumber(head, "completed", Completed);
            head.WriteStartArray("seen");
            foreach (var key in Seen)
            {
                head.WriteStringValue(key);
            }

            head.WriteEndArray();
            head.WriteEndObject();
        }

        using StreamWriter lines = new(file, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), leaveOpen: true) { NewLine = "\n" };
        lines.WriteLine();
        foreach (var row in Rows.Values)
        {
            lines.WriteLine(row.Json);
        }
    });

    private static long? NumberOf(JsonElement head, string name) => head.TryGetProperty(name, out var value) ? value.GetInt64() : null;

    private static void WriteNumber(Utf8JsonWriter writer, string name, long? value)
    {
        if (value is { } number)
        {
            writer.WriteNumber(name, number);
        }
    }
}
