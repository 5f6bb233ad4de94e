namespace Agent.Sync.Testing;

/// <summary>How the double orders text, as a PostgreSQL database's collation does.</summary>
public enum TextCollation
{
    /// <summary>By the bytes of UTF-8, as <c>C</c> does: 'B' before 'a'.</summary>
    Bytes,

    /// <summary>Letters before their case, like <c>en-US</c>: 'a' before 'B'. Equality stays exact.</summary>
    Natural,
}
