namespace Agent.Sync.Postgrest;

/// <summary>Turns what went wrong with a call into an exception that says what to do. Nothing of the answer but its status and code goes in.</summary>
internal static class CallFailure
{
    public static SyncException From(AnswerMeaning meaning, int status, string? code, ApiCall call, string role)
    {
        var failure = Make(meaning, status, code, call, role);
        failure.IsRefusal = ErrorClassifier.IsRefusal(status, code);
        return failure;
    }

    public static SyncProtocolException Damaged(ApiCall call, int status, string? shown = null) => status switch
    {
        >= 300 and < 400 => Unexpected($"The server answered a call for {TargetOf(call)} with a redirect ({status}), which is never followed, because the keys would go along. Set Url to the API's final address.", call, shown),
        404 => Unexpected($"The API does not know {TargetOf(call)} ({shown}). Check that Url is the project's URL, without /rest/v1.", call, shown),
        _ => Unexpected($"The answer to a call for {TargetOf(call)} is not JSON from PostgREST ({status}). Check that Url is the project's URL and that no proxy or sign-in page answers in its place.", call, shown),
    };

    public static SyncProtocolException TooLarge(ApiCall call, int max) =>
        new(SyncErrorKind.UnexpectedResponse, $"The answer to a call for {TargetOf(call)} is larger than MaxPageBytes ({max} bytes after decompression). Lower Push.BatchRows or Push.BatchBytes, leave large columns out, or raise MaxPageBytes.", call.Dataset?.Name)
        {
            IsTooLarge = true,
        };

    private static SyncException Make(AnswerMeaning meaning, int status, string? code, ApiCall call, string role)
    {
        var name = call.Dataset?.Name;
        var shown = code ?? status.ToString(System.Globalization.CultureInfo.InvariantCulture);
        return meaning.Kind switch
        {
            SyncErrorKind.PermissionDenied => new SyncAuthException(meaning.Kind, MissingGrant(call, role, shown), name, shown),
            SyncErrorKind.RemoteSchema => new SyncSchemaException(meaning.Kind, SchemaMismatch(call, shown), name, shown),
            SyncErrorKind.BadRequest => new SyncProtocolException(meaning.Kind, $"The server refused a call for {TargetOf(call)} ({shown}). If the dataset's table, columns and filters are right, this is a fault in Agent.Sync: report the code.", name, shown),
            SyncErrorKind.UnexpectedResponse => Damaged(call, status, shown),
            SyncErrorKind.StatementTimeout => new SyncTransportException(meaning.Kind, $"The database timed out on a call for {TargetOf(call)} ({shown}). Lower Push.BatchRows, look for slow triggers and policies, or raise the role's statement_timeout.", name, shown, isTransient: true),
            _ => TransportFailure.OfServer(meaning, name, shown),
        };
    }

    private static SyncProtocolException Unexpected(string message, ApiCall call, string? shown) =>
        new(SyncErrorKind.UnexpectedResponse, message, call.Dataset?.Name, shown);

    private static string MissingGrant(ApiCall call, string role, string shown)
    {
        var grantee = TransportFailure.Grantee(role);
        var grant = call.Function is null
            ? $"GRANT {PrivilegeOf(call.Method)} ON \"{call.Schema}\".\"{call.Table}\" TO {grantee};"
            : FunctionGrants(call, grantee);
        return $"Permission denied on {TargetOf(call)} ({shown}). Run: {grant} If the grant is there, a row-level security policy, or a function that one calls, refused the row.";
    }

    // The function runs with the caller's own rights, so either may be what is missing.
    private static string FunctionGrants(ApiCall call, string grantee)
    {
        var function = $"GRANT USAGE ON SCHEMA \"{call.Schema}\" TO {grantee}; GRANT EXECUTE ON FUNCTION \"{call.Schema}\".\"{call.Function}\" TO {grantee};";
        return call.Dataset is { } dataset
            ? $"GRANT SELECT, INSERT, UPDATE, DELETE ON \"{dataset.Schema}\".\"{dataset.RemoteTable}\" TO {grantee}; {function}"
            : function;
    }

    private static string PrivilegeOf(HttpMethod method) => method.Method switch
    {
        "POST" => "SELECT, INSERT",
        "PATCH" => "SELECT, UPDATE",
        "DELETE" => "SELECT, DELETE",
        _ => "SELECT",
    };

    private static string SchemaMismatch(ApiCall call, string shown) => shown == "PGRST106"
        ? $"Schema '{call.Schema}' is not exposed by the API (PGRST106). Add it to the API's exposed schemas."
        : TransportFailure.BrokenBehind(call.Dataset?.RemoteTable ?? call.Table, shown) ?? $"The API does not know {TargetOf(call)} as it was called ({shown}). Compare the dataset with the table; after a migration reload the schema cache: NOTIFY pgrst, 'reload schema'.";

    private static string TargetOf(ApiCall call) =>
        call.Function is { } function ? $"function '{call.Schema}.{function}'" : $"table '{call.Schema}.{call.Table}'";
}
