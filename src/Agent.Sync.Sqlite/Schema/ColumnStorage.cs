namespace Agent.Sync.Sqlite.Schema;

/// <summary>How a column's type is declared locally, and which declarations of the app's own tables keep its values as they are.</summary>
internal static class ColumnStorage
{
    public static string DeclaredType(ColumnType type, SqliteUuidFormat uuidFormat) => type switch
    {
        ColumnType.Integer or ColumnType.Boolean => "INTEGER",
        ColumnType.Double => "REAL",
        ColumnType.Bytes => "BLOB",
        ColumnType.Uuid when uuidFormat == SqliteUuidFormat.Blob => "BLOB",
        _ => "TEXT",
    };

    /// <summary>Whether a declared type keeps the values unchanged and agrees with what the app expects of it.</summary>
    public static bool Accepts(string declaredType, ColumnType type, SqliteUuidFormat uuidFormat)
    {
        var affinity = AffinityOf(declaredType);
        if (affinity == Affinity.Blob)
        {
            // A column declared BLOB, not merely without a type, is read as bytes.
            return declaredType.Length == 0 || DeclaredType(type, uuidFormat) == "BLOB";
        }

        return type switch
        {
            ColumnType.Integer or ColumnType.Boolean => affinity is Affinity.Integer or Affinity.Numeric,
            ColumnType.Double => affinity is Affinity.Real or Affinity.Numeric,
            ColumnType.Bytes => affinity is Affinity.Numeric,
            ColumnType.Uuid when uuidFormat == SqliteUuidFormat.Blob => affinity is Affinity.Numeric,
            // NUMERIC is what DATETIME, DATE or UUID come to; such texts are no numbers and stay as they are.
            ColumnType.Uuid or ColumnType.Timestamptz or ColumnType.Timestamp or ColumnType.Date or ColumnType.Time =>
                affinity is Affinity.Text or Affinity.Numeric,
            // A number that stands in a text, a numeric or a json value would become another one.
            _ => affinity is Affinity.Text,
        };
    }

    // https://sqlite.org/datatype3.html, 3.1: the rules apply in this order.
    private static Affinity AffinityOf(string declaredType)
    {
        if (Has("INT"))
        {
            return Affinity.Integer;
        }

        if (Has("CHAR") || Has("CLOB") || Has("TEXT"))
        {
            return Affinity.Text;
        }

        if (Has("BLOB") || declaredType.Length == 0)
        {
            return Affinity.Blob;
        }

        return Has("REAL") || Has("FLOA") || Has("DOUB") ? Affinity.Real : Affinity.Numeric;

        bool Has(string part) => declaredType.Contains(part, StringComparison.OrdinalIgnoreCase);
    }
}

/// <summary>What SQLite prefers to turn a column's values into.</summary>
internal enum Affinity
{
    Blob,
    Text,
    Numeric,
    Integer,
    Real,
}
