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

    [LoggerMessage(5005, LogLevel.Warning, "The session's StateFile is damaged, so nobody is signed in by it. The next sign-in replaces it.")]
    public static partial void SessionFileDamaged(ILogger log);

    [LoggerMessage(5006, LogLevel.Warning, "The session's StateFile is of another project's URL, so nobody is signed in by it. The next sign-in replaces it; give each project a file of its own.")]
    public static partial void SessionFileOfAnotherProject(ILogger log);

    [LoggerMessage(5007, LogLevel.Debug, "Another process refreshed the session or signed somebody in; its session was taken from the StateFile.")]
    public static partial void SessionTakenFromFile(ILogger log);

    [LoggerMessage(5008, LogLevel.Information, "Another process signed out; the StateFile is gone.")]
    public static partial void SignedOutElsewhere(ILogger log);

    [LoggerMessage(5009, LogLevel.Debug, "A code to sign in by was sent by {Way}.")]
    public static partial void CodeSent(ILogger log, string way);
}
