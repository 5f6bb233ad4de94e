namespace Agent.Sync;

/// <summary>Says in words why the server rejected a change, or the local table a row of the server.</summary>
internal static class RefusalText
{
    public static string Describe(string? code, string? constraint) => constraint is null ? Words(code) : $"{Words(code)}: {constraint}";

    private static string Words(string? code) => code switch
    {
        "22001" => "a text is too long for its column",
        "22003" => "a number is too large for its column",
        "23502" => "a required column is empty",
        "23503" => "a row that it refers to is missing, or is still referred to",
        "23505" => "another row has the same value where it must be unique",
        "23514" => "a rule of the table forbids it",
        "23P01" => "it overlaps another row where that is excluded",
        "42501" => "this user may not write that row",
        "P0001" => "a trigger of the table refused it",
        "413" => "it is too large for the server",
        ChangeCodes.KeyTaken => "another row has this key: give it another one, or discard it",
        ChangeCodes.LocalValue => "a local value does not fit its column's type",
        ChangeCodes.Unrecorded => "the row differs from the server's, and nothing recorded an edit",
        ChangeCodes.ColumnGone => "it edits a column that the table or the dataset no longer has",
        "local_unique" => "another local row has this value",
        "local_not_null" => "a column that the local table requires is empty",
        "local_check" => "a rule of the local table forbids it",
        "local_type" => "a value does not fit the local column",
        "local_trigger" => "a trigger of the local table refused it",
        { } data when data.StartsWith("22", StringComparison.Ordinal) => "a value does not fit its column",
        { } rule when rule.StartsWith("23", StringComparison.Ordinal) => "a constraint of the table forbids it",
        _ => "the server refused it",
    };
}
