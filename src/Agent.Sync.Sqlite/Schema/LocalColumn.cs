namespace Agent.Sync.Sqlite.Schema;

/// <summary>A column as SQLite describes it.</summary>
/// <param name="Name">Its name, in the spelling of the table.</param>
/// <param name="DeclaredType">Its declared type; may be empty.</param>
/// <param name="IsRequired">NOT NULL without a default.</param>
/// <param name="KeyPosition">Its position in the primary key, from 1; 0 when it is not part of it.</param>
/// <param name="IsGenerated">Whether its value is computed.</param>
/// <param name="HasDefault">Whether it gets a value where an insert gives none.</param>
internal sealed record LocalColumn(string Name, string DeclaredType, bool IsRequired, int KeyPosition, bool IsGenerated, bool HasDefault);
