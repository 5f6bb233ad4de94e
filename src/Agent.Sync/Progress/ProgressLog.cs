using Microsoft.Extensions.Logging;

namespace Agent.Sync.Progress;

internal static partial class ProgressLog
{
    // Only the exception's type: its message is the app's and may hold anything.
    [LoggerMessage(6000, LogLevel.Warning, "The progress callback threw {ExceptionType}; the sync goes on.")]
    public static partial void CallbackThrew(ILogger log, string exceptionType);
}
