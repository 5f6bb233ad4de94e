namespace Agent.Sync.Postgrest;

/// <summary>One call of the REST API. Sending it again must do no harm.</summary>
internal sealed record ApiCall
{
    private const string FunctionPrefix = "rpc/";

    public required HttpMethod Method { get; init; }

    /// <summary>Gets what follows <c>/rest/v1/</c>: table or <c>rpc/function</c>, and the query. Its values come from rows: it is never logged.</summary>
    public required string PathAndQuery { get; init; }

    /// <summary>Gets the schema, sent as Accept-Profile or Content-Profile.</summary>
    public required string Schema { get; init; }

    /// <summary>Gets the dataset it is for, for messages; null for a call about several.</summary>
    public Dataset? Dataset { get; init; }

    /// <summary>Gets the JSON body; empty for none. It must stay valid until the call ends.</summary>
    public ReadOnlyMemory<byte> Body { get; init; }

    /// <summary>Gets the Prefer header; null for none.</summary>
    public string? Prefer { get; init; }

    /// <summary>Gets what must go well before each attempt, or the call fails as it does; null for nothing.</summary>
    public Func<ValueTask>? BeforeAttempt { get; init; }

    /// <summary>Gets a value indicating whether a project may lack the function, so that its absence is an answer and not a failure.</summary>
    public bool MayBeMissing { get; init; }

    /// <summary>Gets a value indicating whether it writes or calls a function.</summary>
    public bool IsWrite => Method != HttpMethod.Get;

    /// <summary>Gets the function that is called; null when a table is.</summary>
    public string? Function => PathAndQuery.StartsWith(FunctionPrefix, StringComparison.Ordinal) ? Target[FunctionPrefix.Length..] : null;

    /// <summary>Gets the table; for a function its path.</summary>
    public string Table => Target;

    private string Target => PathAndQuery.Split('?', 2)[0];

    public override string ToString() => $"{Method}";
}
