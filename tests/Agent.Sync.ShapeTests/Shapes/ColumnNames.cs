using System.Globalization;

namespace Agent.Sync.ShapeTests.Shapes;

/// <summary>Names that tables in the field have, and that SQL, PostgREST or the library's own statements may stumble over.</summary>
internal static class ColumnNames
{
    /// <summary>What PostgREST's query string gives another meaning: such a column cannot be filtered by.</summary>
    private static readonly string[] QueryParameters = ["select", "order", "limit", "offset", "columns", "and", "or", "not", "on_conflict"];

    private static readonly string[] Hostile =
    [
        // Single letters, as aliases in statements are.
        "a", "b", "c", "d", "e", "f", "g", "i", "j", "k", "l", "m", "n", "o", "p", "q", "r", "s", "t", "u", "v", "w", "x", "y", "z",
        // Keywords of PostgreSQL and SQLite.
        "table", "from", "where", "group", "user", "default", "check", "primary", "values", "case", "end", "null", "true", "index", "references",
        "desc", "all", "any", "both", "do", "else", "in", "is", "like", "on", "then", "to", "union", "when", "with", "abort", "glob", "isnull",
        // The kit's variables and columns.
        "floor", "key", "row", "op", "base", "new", "old", "entry", "keys", "rows", "outcome", "operation", "state", "code", "change", "changes", "result",
        "batch", "caller", "place", "wanted_key", "found_row", "mark", "source", "target", "seq", "value", "answer", "sent", "item", "number", "epoch",
        // What SQLite and the outbox know.
        "rowid", "oid", "_rowid_", "sql", "type", "name", "main", "excluded", "raise", "kind", "tbl_name", "attempt",
        // Spelling.
        "CamelCase", "UPPER", "mixed_Case", "$dollar", "dollar$", "_", "__x", "a_name_that_is_just_as_long_as_postgresql_lets_identifiers_be63",
    ];

    /// <summary>Draws names that differ when case is ignored.</summary>
    public static IEnumerable<string> Draw(Random random, int count)
    {
        var used = new HashSet<string>(StringComparer.OrdinalIgnoreCase) { "owner_id", "sync_seq" };
        for (var index = 0; used.Count < count + 2; index++)
        {
            // The first ones become keys, the cursor, the version: those are filtered by.
            var name = random.Next(10) switch
            {
                0 when index > 6 => QueryParameters[random.Next(QueryParameters.Length)],
                < 6 => Hostile[random.Next(Hostile.Length)],
                _ => string.Create(CultureInfo.InvariantCulture, $"col{random.Next(1_000)}"),
            };
            if (used.Add(name))
            {
                yield return name;
            }
        }
    }
}
