using System.Text;
using System.Text.Json;
using System.Text.Unicode;

namespace Agent.Sync.Tests.Attack;

/// <summary>What System.Text.Json's documents say of a text: slow, and without a line of the library's readers.</summary>
internal static class PageOracle
{
    /// <summary>Returns each row's cells as text; null when it is no page of the dataset.</summary>
    public static string? Read(Dataset dataset, byte[] utf8)
    {
        if (Document(utf8) is not { ValueKind: JsonValueKind.Array } array)
        {
            return null;
        }

        var text = new StringBuilder();
        try
        {
            foreach (var row in array.EnumerateArray())
            {
                if (row.ValueKind != JsonValueKind.Object)
                {
                    return null;
                }

                var members = row.EnumerateObject().ToLookup(static member => member.Name, static member => member.Value, StringComparer.Ordinal);
                foreach (var column in dataset.Columns)
                {
                    if (members[column.Name].ToArray() is not [var value] || !Fits(column.Type, value.ValueKind))
                    {
                        return null;
                    }

                    text.Append(column.Type == ColumnType.Json && value.ValueKind != JsonValueKind.Null ? value.GetRawText() : TextOf(value)).Append('\u001f');
                }

                text.Append('\n');
            }
        }
        catch (InvalidOperationException)
        {
            // Half a surrogate pair.
            return null;
        }

        return text.ToString();
    }

    /// <summary>Writes a page as <see cref="Read"/> does.</summary>
    public static string Describe(Page page)
    {
        var text = new StringBuilder();
        for (var row = 0; row < page.Count; row++)
        {
            for (var column = 0; column < page.Dataset.Columns.Count; column++)
            {
                var cell = page.GetCell(row, column);
                var value = cell.Utf8.ToArray();
                if (cell.Kind is PageCellKind.String or PageCellKind.EscapedString)
                {
                    value = new byte[cell.Utf8.Length];
                    value = value[..cell.CopyText(value)];
                }

                text.Append(Encoding.UTF8.GetString(value)).Append('\u001f');
            }

            text.Append('\n');
        }

        return text.ToString();
    }

    /// <summary>Returns the first member <c>code</c>, where it is a text in the form of a code; null for anything else, and for a text that is no JSON.</summary>
    public static string? CodeOf(byte[] utf8)
    {
        try
        {
            return Document(utf8) is { ValueKind: JsonValueKind.Object } error
                && error.EnumerateObject().FirstOrDefault(static member => member.Name == "code").Value is { ValueKind: JsonValueKind.String } code
                && !code.GetRawText().Contains('\\', StringComparison.Ordinal)
                && code.GetString() is { } text && (text.Length == 5 || (text.Length == 8 && text.StartsWith("PGRST", StringComparison.Ordinal)))
                && text.All(static letter => char.IsAsciiDigit(letter) || char.IsAsciiLetterUpper(letter)) && (text.Length == 8 || !text.StartsWith("PGRST", StringComparison.Ordinal))
                ? text
                : null;
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    /// <summary>Returns subject and role, where both come at most once and as texts; null when it is no object or has them otherwise.</summary>
    public static (string? Subject, string? Role)? ClaimsOf(byte[] utf8)
    {
        try
        {
            if (Document(utf8, isChecked: false) is not { ValueKind: JsonValueKind.Object } claims)
            {
                return null;
            }

            // Other claims are not looked at.
            JsonElement[] subjects = [.. claims.EnumerateObject().Where(static member => member.NameEquals("sub")).Select(static member => member.Value)];
            JsonElement[] roles = [.. claims.EnumerateObject().Where(static member => member.NameEquals("role")).Select(static member => member.Value)];
            return subjects.Length > 1 || roles.Length > 1 || subjects.Concat(roles).Any(static value => value.ValueKind != JsonValueKind.String)
                ? null
                : (subjects.Length == 0 ? null : subjects[0].GetString(), roles.Length == 0 ? null : roles[0].GetString());
        }
        catch (InvalidOperationException)
        {
            return null;
        }
    }

    private static JsonElement? Document(byte[] utf8, bool isChecked = true)
    {
        if (isChecked && !Utf8.IsValid(utf8))
        {
            return null;
        }

        try
        {
            return JsonDocument.Parse(utf8).RootElement;
        }
        catch (JsonException)
        {
            return null;
        }
    }

    private static string TextOf(JsonElement value) => value.ValueKind == JsonValueKind.String ? value.GetString()! : value.GetRawText();

    private static bool Fits(ColumnType type, JsonValueKind kind) => kind switch
    {
        JsonValueKind.Null => true,
        JsonValueKind.True or JsonValueKind.False => type is ColumnType.Boolean or ColumnType.Json,
        JsonValueKind.Object or JsonValueKind.Array => type is ColumnType.Json,
        JsonValueKind.Number => type is ColumnType.Integer or ColumnType.Numeric or ColumnType.Double or ColumnType.Json,
        _ => type is not (ColumnType.Integer or ColumnType.Boolean),
    };
}
