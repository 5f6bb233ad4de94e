using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Reads <c>[not.]operator.value</c>.</summary>
internal static class ConditionReader
{
    private const string Negation = "not.";

    public static Comparison Read(PostgrestTable table, int column, string condition, bool isInLogic)
    {
        var isNegated = condition.StartsWith(Negation, StringComparison.Ordinal);
        var rest = isNegated ? condition[Negation.Length..] : condition;
        var dot = rest.IndexOf('.', StringComparison.Ordinal);
        if (dot < 0)
        {
            throw PostgrestFailure.Parse("filter");
        }

        var name = rest[..dot];
        var value = rest[(dot + 1)..];
        var type = table.Columns[column].Type;
        return name switch
        {
            // Only a logic tree and a list take quotes off; a plain filter's value stands as it is.
            "eq" or "neq" or "gt" or "gte" or "lt" or "lte" =>
                new Comparison(column, name, [SqlValue.Parse(type, isInLogic ? Unquote(value) : value)], isNegated, table.Collation),
            "is" => new Comparison(column, name, [ReadIs(value)], isNegated, table.Collation),
            "in" => new Comparison(column, name, [.. Known(ReadList(value)).Select(item => SqlValue.Parse(type, item))], isNegated, table.Collation),
            _ => throw PostgrestFailure.Parse("filter operator"),
        };
    }

    // PostgREST takes a list of one empty text for a list of nothing.
    private static List<string> Known(List<string> items) => items is [""] ? [] : items;

    private static object? ReadIs(string value) => value switch
    {
        "null" => null,
        "true" => true,
        "false" => false,
        _ => throw PostgrestFailure.Parse("is"),
    };

    private static List<string> ReadList(string value)
    {
        if (value is not ['(', .., ')'])
        {
            throw PostgrestFailure.Parse("in");
        }

        List<string> items = [];
        var start = 1;
        var isQuoted = false;
        for (var index = 1; index < value.Length; index++)
        {
            if (value[index] == '\\' && isQuoted)
            {
                index++;
            }
            else if (value[index] == '"')
            {
                isQuoted = !isQuoted;
            }
            else if (!isQuoted && value[index] is (',' or ')'))
            {
                items.Add(Unquote(value[start..index]));
                start = index + 1;
            }
        }

        return items;
    }

    private static string Unquote(string value)
    {
        if (value is not ['"', .., '"'] || value.Length < 2)
        {
            return value;
        }

        var text = new System.Text.StringBuilder();
        for (var index = 1; index < value.Length - 1; index++)
        {
            if (value[index] == '\\')
            {
                index++;
            }

            text.Append(value[index]);
        }

        return text.ToString();
    }
}
