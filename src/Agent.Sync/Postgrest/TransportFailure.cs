using Agent.Sync.Auth;

namespace Agent.Sync.Postgrest;

/// <summary>Turns what went wrong into an exception that says what to do. Nothing of the answer but its status and code goes in.</summary>
internal static class TransportFailure
{
    public static SyncException From(AnswerMeaning meaning, int status, string? code, Dataset dataset, string role)
    {
        var name = dataset.Name;
        var shown = code ?? status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return meaning.Kind switch
        {
            SyncErrorKind.PermissionDenied => new SyncAuthException(meaning.Kind, MissingGrant(dataset, role, shown), name, shown),
            SyncErrorKind.RemoteSchema => new SyncSchemaException(meaning.Kind, SchemaMismatch(dataset, shown), name, shown),
            SyncErrorKind.BadRequest => new SyncProtocolException(meaning.Kind, RefusedRequest(name, status, shown), name, shown),
            SyncErrorKind.UnexpectedResponse => new SyncProtocolException(meaning.Kind, Unexpected(name, status), name, shown),
            SyncErrorKind.StatementTimeout => new SyncTransportException(meaning.Kind, $"The database timed out on a page of '{name}' ({shown}). Index the UpdatedAt column and the key together, lower the page size, or raise the role's statement_timeout.", name, shown, isTransient: true),
            _ => OfServer(meaning, name, shown),
        };
    }

    /// <summary>Makes the failure of an answer that says something about the session or the server, whatever was asked.</summary>
    public static SyncException OfServer(AnswerMeaning meaning, string? dataset, string shown) => meaning.Kind switch
    {
        SyncErrorKind.AuthRequired when meaning.Action == AnswerAction.RefreshToken => AuthFailure.TokenRefused(dataset, shown),
        SyncErrorKind.AuthRequired => new SyncAuthException(meaning.Kind, $"The server does not accept this session ({shown}). Sign in again; check that anonymous access and the database role are set up as the app expects.", dataset, shown),
        SyncErrorKind.RateLimited => new SyncTransportException(meaning.Kind, "The server asks to slow down for longer than the retries allow (429). Try again later, or lower RateLimit.RequestsPerSecond.", dataset, shown, isTransient: true),
        _ => new SyncTransportException(meaning.Kind, ServerFailed(meaning, shown), dataset, shown, meaning.Action != AnswerAction.Fail),
    };

    public static SyncSchemaException LacksColumn(Dataset dataset, string column, string? code) => new(
        SyncErrorKind.RemoteSchema,
        $"Table '{dataset.Schema}.{dataset.RemoteTable}' has no column '{column}', which dataset '{dataset.Name}' names ({code}). Add the column or take it out of the dataset; after a migration reload the schema cache: NOTIFY pgrst, 'reload schema'.",
        dataset.Name,
        code);

    // Only the roles every project has are named: the rest of a token is not for messages.
    public static string Grantee(string role) => role is "authenticated" or "anon" or "service_role" ? role : "the role in the token";

    public static SyncTransportException Unreachable(string? dataset, string reason) =>
        new(SyncErrorKind.Unreachable, $"The server could not be reached or the connection broke ({reason}). Check the network and the URL, then sync again: it goes on where it stopped.", dataset, code: null, isTransient: true);

    public static SyncTransportException ConnectTimedOut(string? dataset) =>
        new(SyncErrorKind.Timeout, "The connection was not made, or not used, in time. Check the network and the URL, then sync again: it goes on where it stopped.", dataset, code: null, isTransient: true);

    public static SyncProtocolException TooLarge(string dataset, int max, int rows) =>
        new(SyncErrorKind.UnexpectedResponse, $"{(rows == 1 ? "A single row" : "A page")} of '{dataset}' is larger than MaxPageBytes ({max} bytes after decompression). {(rows == 1 ? "Raise MaxPageBytes above the largest row, or leave large columns out." : "Lower PageSize, leave large columns out, or raise MaxPageBytes.")}", dataset)
        {
            IsTooLarge = true,
        };

    public static SyncProtocolException TooManyRows(string dataset, int asked, int came) =>
        new(SyncErrorKind.UnexpectedResponse, $"A page of '{dataset}' has {came} rows, {asked} were asked for; it was refused whole. Check that the URL is the project's API and that nothing in between answers from a cache.", dataset);

    private static string MissingGrant(Dataset dataset, string role, string shown) =>
        $"Permission denied on '{dataset.RemoteTable}' ({shown}). Run: GRANT SELECT ON \"{dataset.Schema}\".\"{dataset.RemoteTable}\" TO {Grantee(role)}; "
        + "and, if the schema is not public, GRANT USAGE on it. If the grant is there, a policy or a function that it calls lacks one.";

    /// <summary>Says what a SQLSTATE of class 42 is about that no request of this library's causes by itself; null for any other.</summary>
    public static string? BrokenBehind(string table, string shown) => shown is not ['4', '2', _, _, _] or "42P01" or "42703" or "42P10" ? null
        : $"A trigger, policy or function behind '{table}' is broken ({shown}): "
            + (shown == "42883" ? "it calls a function or operator that does not exist, or not for such values. " : "the database cannot run it. ")
            + "Run the same statement as this user in the SQL editor to see it.";

    private static string SchemaMismatch(Dataset dataset, string shown) => shown == "PGRST106"
        ? $"Schema '{dataset.Schema}' is not exposed by the API (PGRST106). Add it to the API's exposed schemas."
        : BrokenBehind(dataset.RemoteTable, shown) ?? $"The API does not know table '{dataset.Schema}.{dataset.RemoteTable}' or one of the columns that dataset '{dataset.Name}' names ({shown}). Compare the dataset with the table; after a migration reload the schema cache: NOTIFY pgrst, 'reload schema'.";

    private static string RefusedRequest(string dataset, int status, string shown) => (status, shown) switch
    {
        (414 or 431, _) => $"The request for '{dataset}' is too long for the server ({status}). Declare fewer columns or shorten the filters.",
        (_, ['2', '2', ..]) => $"The database could not use a value of '{dataset}' ({shown}). Check that the filters' values and the columns' types are those of the table.",
        (_, "P0001" or ['P', 'T', _, _, _]) => $"A function or policy behind '{dataset}' raised an error ({shown}). Run the same query as this user in the SQL editor to see it.",
        _ => $"The server refused the request for '{dataset}' ({shown}). Check the dataset's table, columns and filters; if they are right, this is a fault in Agent.Sync: report the code.",
    };

    private static string Unexpected(string dataset, int status) => status switch
    {
        >= 300 and < 400 => $"The server answered the request for '{dataset}' with a redirect ({status}), which is never followed, because the keys would go along. Set Url to the API's final address.",
        404 => $"There is no PostgREST API at Url (404 for '{dataset}'). Check that Url is the project's URL, without /rest/v1.",
        _ => $"The answer for '{dataset}' is not JSON from PostgREST ({status}). Check that Url is the project's URL and that no proxy or sign-in page answers in its place.",
    };

    private static string ServerFailed(AnswerMeaning meaning, string shown) =>
        shown is "25006" or "0A000" ? $"The server takes no writes ({shown}): it is a read replica, or in recovery. Set Url to the primary database's API, not to a load balancer or a replica; after a recovery sync again."
        : meaning.Action == AnswerAction.Fail
        ? $"The server failed in a way that a retry does not help ({shown}). Look at the database's log for this code; 42P17 is a policy that refers to its own table."
        : $"The server failed ({shown}). Try again later: the sync goes on where it stopped.";
}
