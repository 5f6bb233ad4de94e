namespace Agent.Sync.Sqlite.Schema;

/// <summary>A column as SQLite describes it.</summary>
/// <param name="Name">Its name, in the spelling of the table.</param>
/// <param name="DeclaredType">Its declared type; may be empty.</param>
/// <param name="IsRequired">NOT NULL without a default.</param>
/// <param name="KeyPosition">Its position in the primary key, from 1; 0 when it is not part of it.</param>
/// <param name="IsGenerated">Whether its value is computed.</param>
/// <param name="Default">Its default as it was written in the table's statement; null for none.</param>
internal sealed record LocalColumn(string Name, string DeclaredType, bool IsRequired, int KeyPosition, bool IsGenerated, string? Default)
{
    /// <summary>Gets a value indicating whether it gets a value where an insert gives none.</summary>
    public bool HasDefault => Default is not null;

    /// <summary>Gets the default where it is a constant, else NULL, as an expression.</summary>
    public string ConstantDefault => IsConstant ? Default! : "NULL";

    /// <summary>Gets a value indicating whether each row may get another value by default.</summary>
    public bool HasComputedDefault => HasDefault && !IsConstant && !IsWord("NULL");

    // Anything else may name a column or a function, and has another value for each row.
    private bool IsConstant => IsWord("TRUE") || IsWord("FALSE") || Default is ['\'' or '-' or '+' or (>= '0' and <= '9'), ..] or ['x' or 'X', '\'', ..];

    private bool IsWord(string word) => string.Equals(Default, word, StringComparison.OrdinalIgnoreCase);
}
