namespace Agent.Sync.Doctor;

/// <summary>Tells a failure of the whole project from one of a table, and reports the former.</summary>
internal static class ServerFailure
{
    private const string NothingIsSynced = "Nothing is synced as long as it is so.";

    /// <summary>Reports a failure that every other request would meet too.</summary>
    /// <returns>False when it is about the table that was asked for: then nothing was reported.</returns>
    public static bool Report(FindingList list, SyncException failure)
    {
        switch (failure)
        {
            // A gateway that refuses the key answers without a code of PostgREST's, which says what it refuses in the token.
            case { Kind: SyncErrorKind.AuthRequired, Code: "401" }:
                list.Error(FindingCodes.ApiKey, null, "The server does not accept the API key (401).", NothingIsSynced, "Take the publishable (or legacy anon) key from the project's API settings. A key of another project is refused too.");
                return true;
            case { Kind: SyncErrorKind.SecretKeyRefused }:
                list.Error(FindingCodes.ApiKey, null, "The key is a secret or service_role key, which bypasses row-level security.", "Everybody who has the app could read and write every row.", failure.Message);
                return true;
            case { Kind: SyncErrorKind.AuthRequired }:
                list.Error(FindingCodes.Session, null, $"There is no session that the server accepts{CodeOf(failure)}.", NothingIsSynced, failure.Message);
                return true;
            case { Kind: SyncErrorKind.Unreachable or SyncErrorKind.Timeout or SyncErrorKind.CircuitOpen }:
                list.Error(FindingCodes.Server, null, "The server cannot be reached, or does not answer in time.", "Local edits wait, and nothing new comes, until it answers.", failure.Message);
                return true;
            case { Kind: SyncErrorKind.RateLimited }:
                list.Error(FindingCodes.Server, null, "The server asks to slow down (429).", NothingIsSynced, failure.Message);
                return true;
            case { Kind: SyncErrorKind.ServerError } when failure.IsTransient || failure.Code is "25006" or "0A000":
                list.Error(FindingCodes.Server, null, $"The server fails{CodeOf(failure)}.", NothingIsSynced, failure.Message);
                return true;
            case SyncProtocolException { Kind: SyncErrorKind.UnexpectedResponse, IsTooLarge: false }:
                list.Error(FindingCodes.Server, null, $"What answers at the URL is not PostgREST{CodeOf(failure)}.", NothingIsSynced, failure.Message);
                return true;
            default:
                return false;
        }
    }

    private static string CodeOf(SyncException failure) => failure.Code is { } code ? $" ({code})" : string.Empty;
}
