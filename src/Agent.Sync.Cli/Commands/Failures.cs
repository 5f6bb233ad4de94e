using Agent.Sync.Cli.Events;
using BackendHost;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Cli.Commands;

/// <summary>Says what an exception means to who runs the command.</summary>
internal static class Failures
{
    public static FailedEvent Describe(Exception exception, bool debug) => exception switch
    {
        UsageException usage => new("Usage", null, [usage.Message], ExitCode.Usage),
        OptionsValidationException options => new("Configuration", null, [.. options.Failures], ExitCode.Usage),
        ArgumentException argument => new("Configuration", null, [WithoutParameter(argument)], ExitCode.Usage),
        SyncException failure => new(failure.Kind.ToString(), failure.Code, [failure.Message], ExitCodeOf(failure)),
        LocalBackendException backend => new("LocalBackend", backend.Code, [backend.Message], ExitCode.Failed),
        _ => new("Unexpected", null, [debug ? exception.ToString() : $"{exception.GetType().Name}: {exception.Message}"], ExitCode.Failed),
    };

    // The parameter's name means nothing on a command line.
    private static string WithoutParameter(ArgumentException exception) =>
        exception.Message.Replace($" (Parameter '{exception.ParamName}')", "", StringComparison.Ordinal);

    private static int ExitCodeOf(SyncException failure) => failure switch
    {
        SyncAuthException => ExitCode.Auth,
        { IsTransient: true } => ExitCode.TryAgain,
        _ => ExitCode.Failed,
    };
}
