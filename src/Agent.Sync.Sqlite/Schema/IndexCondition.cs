namespace Agent.Sync.Sqlite.Schema;

/// <summary>Finds the condition of a partial index: SQLite hands it out in the index's statement only.</summary>
internal static class IndexCondition
{
    private const string Where = "WHERE";

    /// <summary>Returns what follows WHERE after the list of columns.</summary>
    /// <param name="sql">A CREATE INDEX statement that SQLite has accepted.</param>
    public static string? Find(string sql)
    {
        var depth = 0;
        var hasColumns = false;
        for (var i = 0; i < sql.Length; i++)
        {
            switch (sql[i])
            {
                case '(':
                    depth++;
                    break;
                case ')':
                    depth--;
                    hasColumns = true;
                    break;
                case '"' or '\'' or '`':
                    i = sql.IndexOf(sql[i], i + 1);
                    break;
                case '[':
                    i = sql.IndexOf(']', i + 1);
                    break;
                case 'W' or 'w' when hasColumns && depth == 0 && string.Compare(sql, i, Where, 0, Where.Length, StringComparison.OrdinalIgnoreCase) == 0:
                    return sql[(i + Where.Length)..].Trim();
                default:
                    break;
            }

            if (i < 0)
            {
                return null;
            }
        }

        return null;
    }
}
