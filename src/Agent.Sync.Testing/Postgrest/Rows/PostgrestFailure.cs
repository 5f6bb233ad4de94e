namespace Agent.Sync.Testing.Postgrest.Rows;

/// <summary>An error that the double answers with, in PostgREST's own form.</summary>
internal sealed class PostgrestFailure(int status, string code, string message) : Exception(message)
{
    public int Status { get; } = status;

    public string Code { get; } = code;

    /// <summary>Gets the broken constraint's name; null for any other error.</summary>
    public string? Constraint { get; init; }

    public static PostgrestFailure Parse(string what) => new(400, "PGRST100", $"failed to parse {what}");

    public static PostgrestFailure UnknownColumn(string table, string column) => new(400, "42703", $"column {table}.{column} does not exist");
}
