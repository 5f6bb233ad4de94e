using System.Globalization;
using System.Text.Json;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>A task's values, as the app or the server has them.</summary>
internal sealed record ModelRow(string? Title, long? Size, string? DeletedAt)
{
    public static readonly string[] Columns = ["title", "size", "deleted_at"];

    public object? this[string column] => column switch
    {
        "title" => Title,
        "size" => Size,
        _ => DeletedAt,
    };

    public ModelRow With(string column, object? value) => column switch
    {
        "title" => this with { Title = (string?)value },
        "size" => this with { Size = (long?)value },
        _ => this with { DeletedAt = (string?)value },
    };

    /// <summary>Overwrites the columns that a request carries.</summary>
    public ModelRow With(JsonElement values)
    {
        var row = this;
        foreach (var column in Columns)
        {
            if (values.TryGetProperty(column, out var value))
            {
                row = row.With(column, value.ValueKind switch
                {
                    JsonValueKind.Null => null,
                    JsonValueKind.Number => value.GetInt64(),
                    _ => value.GetString(),
                });
            }
        }

        return row;
    }

    public string ToJson(long id, long version) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""{"id":{{id}},"title":{{Text(Title)}},"size":{{Size?.ToString(CultureInfo.InvariantCulture) ?? "null"}},"updated_at":"2026-01-01T00:00:00.{{version:D6}}+00:00","version":{{version}},"deleted_at":{{Text(DeletedAt)}}}""");

    private static string Text(string? value) => value is null ? "null" : $"\"{value}\"";
}
