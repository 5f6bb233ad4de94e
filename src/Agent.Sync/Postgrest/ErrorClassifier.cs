namespace Agent.Sync.Postgrest;

/// <summary>Says what an answer means, from its status and its code: the table of the sync contract.</summary>
internal static class ErrorClassifier
{
    /// <param name="status">The HTTP status. Of the 2xx only answers that are not JSON come here.</param>
    /// <param name="code">PostgREST's code or the SQLSTATE, checked by <see cref="ErrorCode"/>; null when there is none.</param>
    public static AnswerVerdict Classify(int status, string? code) => status switch
    {
        // What a gateway says about itself comes before what its body may say.
        429 => new(AnswerAction.SlowDown, SyncErrorKind.RateLimited),
        < 400 => ByStatus(status),
        _ => (code is null ? null : ByCode(code) ?? ByClass(code)) ?? ByStatus(status),
    };

    /// <summary>Says what a failed write means for its rows.</summary>
    /// <remarks>42501 counts as a row's here: a policy refuses rows by the same code as PostgreSQL refuses tables, and only the caller can find out which it was.</remarks>
    public static WriteFault FaultOf(SyncException failure) => (failure.Kind, failure.Code) switch
    {
        (SyncErrorKind.StatementTimeout, _) => WriteFault.TooSlow,
        (SyncErrorKind.PermissionDenied, "42501") => WriteFault.Row,
        (SyncErrorKind.BadRequest, "413") => WriteFault.TooLarge,
        (SyncErrorKind.BadRequest, "23503") => WriteFault.MissingParent,

        // What no row can be blamed for: a method, a header or a URL that the server does not take, two rows of one key, a body it cannot read.
        (SyncErrorKind.BadRequest, null or "405" or "406" or "414" or "415" or "431" or "21000") => WriteFault.None,
        (SyncErrorKind.BadRequest, ['P', 'G', 'R', 'S', 'T', ..]) => WriteFault.None,
        (SyncErrorKind.BadRequest, _) => WriteFault.Row,
        _ => failure is SyncProtocolException { IsTooLarge: true } ? WriteFault.TooLarge : WriteFault.None,
    };

    private static AnswerVerdict? ByCode(string code) => code switch
    {
        "PGRST000" or "PGRST001" or "PGRST002" or "PGRST003" or "57P01" => new(AnswerAction.Retry, SyncErrorKind.ServerError),
        "40001" or "40P01" or "55P03" => new(AnswerAction.RetryWithJitter, SyncErrorKind.ServerError),
        "57014" => new(AnswerAction.Fail, SyncErrorKind.StatementTimeout),
        "PGRST301" or "PGRST303" => new(AnswerAction.RefreshToken, SyncErrorKind.AuthRequired),
        "PGRST302" => new(AnswerAction.Fail, SyncErrorKind.AuthRequired),
        "42501" => new(AnswerAction.Fail, SyncErrorKind.PermissionDenied),
        "PGRST200" or "PGRST204" or "PGRST205" or "42P01" or "42703" => new(AnswerAction.AwaitSchemaCache, SyncErrorKind.RemoteSchema),
        // A function that is missing is not waited for: a project without the SQL kit answers so in every run.
        "PGRST106" or "PGRST202" => new(AnswerAction.Fail, SyncErrorKind.RemoteSchema),
        "PGRST102" or "21000" or "23502" or "23503" or "23505" or "23514" or "23P01" or "P0001" => new(AnswerAction.Fail, SyncErrorKind.BadRequest),
        "PGRST300" or "PGRSTX00" or "42P17" => new(AnswerAction.Fail, SyncErrorKind.ServerError),
        _ => null,
    };

    private static AnswerVerdict? ByClass(string sqlState) => sqlState.Length != 5 ? null : sqlState[..2] switch
    {
        "08" or "53" => new(AnswerAction.Retry, SyncErrorKind.ServerError),
        "28" or "0P" => new(AnswerAction.Fail, SyncErrorKind.AuthRequired),
        "22" => new(AnswerAction.Fail, SyncErrorKind.BadRequest),
        "P0" or "XX" or "54" or "25" => new(AnswerAction.Fail, SyncErrorKind.ServerError),
        _ => null,
    };

    private static AnswerVerdict ByStatus(int status) => status switch
    {
        < 300 => new(AnswerAction.RetryOnce, SyncErrorKind.UnexpectedResponse),
        < 400 => new(AnswerAction.Fail, SyncErrorKind.UnexpectedResponse),
        401 => new(AnswerAction.RefreshToken, SyncErrorKind.AuthRequired),
        403 => new(AnswerAction.Fail, SyncErrorKind.PermissionDenied),

        // PostgREST gives every 404 a code: without one, something else answered.
        404 => new(AnswerAction.Fail, SyncErrorKind.UnexpectedResponse),
        408 => new(AnswerAction.Retry, SyncErrorKind.ServerError),
        < 500 => new(AnswerAction.Fail, SyncErrorKind.BadRequest),

        // The gateway gave up on the database: when retries do not help, a smaller page may.
        524 => new(AnswerAction.Retry, SyncErrorKind.StatementTimeout),
        _ => new(AnswerAction.Retry, SyncErrorKind.ServerError),
    };
}
