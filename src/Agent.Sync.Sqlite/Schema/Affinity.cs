namespace Agent.Sync.Sqlite.Schema;

/// <summary>What SQLite prefers to turn a column's values into.</summary>
internal enum Affinity
{
    Blob,
    Text,
    Numeric,
    Integer,
    Real,
}
