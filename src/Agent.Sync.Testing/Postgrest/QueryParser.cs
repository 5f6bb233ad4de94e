using System.Globalization;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.Testing.Postgrest;

/// <summary>Reads a query string as PostgREST does. What it does not know it refuses, so that a wrong query is noticed.</summary>
internal sealed class QueryParser(PostgrestTable table)
{
    public TableQuery Parse(string queryString, bool isWrite = false)
    {
        var query = new TableQuery { Select = [.. Enumerable.Range(0, table.Columns.Count)] };
        var once = new HashSet<string>(StringComparer.Ordinal);
        foreach (var part in queryString.TrimStart('?').Split('&', StringSplitOptions.RemoveEmptyEntries))
        {
            var equals = part.IndexOf('=', StringComparison.Ordinal);
            if (equals < 0)
            {
                throw PostgrestFailure.Parse("a parameter without a value");
            }

            var name = Decode(part[..equals]);
            if (name is "select" or "order" or "limit" or "offset" or "columns" or "on_conflict" && !once.Add(name))
            {
                throw PostgrestFailure.Parse($"parameter {name}, which is there twice");
            }

            Read(query, name, Decode(part[(equals + 1)..]), isWrite);
        }

        return query;
    }

    // A plus in a query string is a space: an offset such as +00:00 that is not escaped breaks.
    private static string Decode(string text) => Uri.UnescapeDataString(text.Replace('+', ' '));

    private static int Number(string name, string value) =>
        int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : throw PostgrestFailure.Parse($"parameter {name}");

    private void Read(TableQuery query, string name, string value, bool isWrite)
    {
        switch (name)
        {
            case "select":
                query.Select = value == "*" ? query.Select : [.. value.Split(',').Select(table.OrdinalOf)];
                break;
            case "order":
                query.OrderText = value;
                query.Order.AddRange(value.Split(',').Select(ReadOrder));
                break;
            case "limit":
                // What is no number is no limit to PostgREST.
                query.Limit = int.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var limit) ? limit : null;
                break;
            case "offset":
                query.Offset = Number(name, value);
                break;
            case "columns" when isWrite:
                query.Columns = value.Split(',');
                break;
            case "on_conflict" when isWrite:
                query.OnConflict = value.Split(',');
                break;
            case "or" or "and" or "not.or" or "not.and":
                query.Conditions.Add(new LogicParser(table, $"{name}{value}").Parse());
                break;
            default:
                var comparison = ConditionReader.Read(table, table.OrdinalOf(name), value, isInLogic: false);
                query.Comparisons.Add(comparison);
                query.Conditions.Add(comparison.Evaluate);
                break;
        }
    }

    private OrderTerm ReadOrder(string term)
    {
        var words = term.Split('.');
        var isDescending = false;
        bool? nullsFirst = null;
        foreach (var word in words.Skip(1))
        {
            switch (word)
            {
                case "asc":
                    break;
                case "desc":
                    isDescending = true;
                    break;
                case "nullsfirst":
                    nullsFirst = true;
                    break;
                case "nullslast":
                    nullsFirst = false;
                    break;
                default:
                    throw PostgrestFailure.Parse("parameter order");
            }
        }

        return new OrderTerm(table.OrdinalOf(words[0]), isDescending, nullsFirst ?? isDescending);
    }
}
