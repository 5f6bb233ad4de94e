using Microsoft.Extensions.Logging;

namespace Agent.Sync.Auth;

internal static partial class AuthLog
{
    [LoggerMessage(5000, LogLevel.Information, "The server refused the token; the app refreshed it.")]
    public static partial void TokenRefreshed(ILogger log);

    [LoggerMessage(5001, LogLevel.Information, "Signed in by {Grant}.")]
    public static partial void SignedIn(ILogger log, string grant);

    [LoggerMessage(5002, LogLevel.Debug, "The session was refreshed.")]
    public static partial void SessionRefreshed(ILogger log);

    [LoggerMessage(5003, LogLevel.Warning, "The session could not be refreshed ({Kind}, code {Code}).")]
    public static partial void RefreshFailed(ILogger log, SyncErrorKind kind, string code);

    [LoggerMessage(5004, LogLevel.Information, "Signed out.")]
    public static partial void SignedOut(ILogger log);
}
