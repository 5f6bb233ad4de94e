namespace Agent.Sync.Postgrest;

/// <summary>Says what an answer means, from its status and its code: the table of the sync contract.</summary>
internal static partial class ErrorClassifier
{
    private static readonly AnswerMeaning Refused = new(AnswerAction.Fail, SyncErrorKind.BadRequest);

    /// <param name="status">The HTTP status. Of the 2xx only answers that are not JSON come here.</param>
    /// <param name="code">PostgREST's code or the SQLSTATE, checked by <see cref="ErrorCode"/>; null when there is none.</param>
    /// <param name="isWrite">Whether the request wrote or called a function.</param>
    public static AnswerMeaning Classify(int status, string? code, bool isWrite = false) => (status, code) switch
    {
        ( < 400, _) => ByStatus(status),

        // PTxyz makes the status xyz: an app's trigger raised it, about the row at hand.
        (_, ['P', 'T', _, _, _]) when isWrite => Refused,

        // What a gateway says about itself comes before what its body may say.
        (429, _) => new(AnswerAction.SlowDown, SyncErrorKind.RateLimited),

        // The role in the token does not exist; with any other status it is a value that does not fit.
        (401, "22023") => new(AnswerAction.Fail, SyncErrorKind.AuthRequired),
        _ => (code is null ? null : ByCode(code) ?? ByClass(code)) ?? ByStatus(status, code),
    };

    private static AnswerMeaning? ByCode(string code) => code switch
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
        "PGRST102" or "21000" or "P0001" => Refused,
        "PGRST300" or "PGRSTX00" or "42P17" => new(AnswerAction.Fail, SyncErrorKind.ServerError),
        _ => null,
    };

    private static AnswerMeaning? ByClass(string sqlState) => !IsSqlState(sqlState) ? null : sqlState[..2] switch
    {
        "08" or "53" => new(AnswerAction.Retry, SyncErrorKind.ServerError),
        "28" or "0P" => new(AnswerAction.Fail, SyncErrorKind.AuthRequired),
        "22" or "23" or "44" => Refused,
        "42" => new(AnswerAction.Fail, SyncErrorKind.RemoteSchema),

        // A replica and a server in recovery refuse every write by 25006 or 0A000, with a status of 4xx.
        "P0" or "XX" or "54" or "25" or "0A" => new(AnswerAction.Fail, SyncErrorKind.ServerError),
        _ => null,
    };

    private static AnswerMeaning ByStatus(int status, string? code = null) => status switch
    {
        < 300 => new(AnswerAction.RetryOnce, SyncErrorKind.UnexpectedResponse),
        < 400 => new(AnswerAction.Fail, SyncErrorKind.UnexpectedResponse),

        // PostgREST codes what is wrong with a request: without a code the database was lost, or something in between answered.
        400 when code is null => new(AnswerAction.Retry, SyncErrorKind.ServerError),
        401 => new(AnswerAction.RefreshToken, SyncErrorKind.AuthRequired),
        403 => new(AnswerAction.Fail, SyncErrorKind.PermissionDenied),

        // The database itself has spoken, so the URL is right.
        404 when IsSqlState(code) => Refused,

        // PostgREST gives every 404 a code: without one, something else answered.
        404 => new(AnswerAction.Fail, SyncErrorKind.UnexpectedResponse),
        408 => new(AnswerAction.Retry, SyncErrorKind.ServerError),
        < 500 => Refused,

        // The gateway gave up on the database: when retries do not help, a smaller page may.
        524 => new(AnswerAction.Retry, SyncErrorKind.StatementTimeout),
        _ => new(AnswerAction.Retry, SyncErrorKind.ServerError),
    };

    // PostgREST's own codes have eight characters.
    private static bool IsSqlState(string? code) => code is { Length: 5 };
}
