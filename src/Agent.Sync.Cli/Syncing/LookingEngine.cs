using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Events;
using Microsoft.Extensions.Options;

namespace Agent.Sync.Cli.Syncing;

/// <summary>An engine that only looks: signed in where that works, else on the file alone, with what was in the way.</summary>
internal sealed class LookingEngine : IAsyncDisposable
{
    private readonly IAsyncDisposable _owner;

    private LookingEngine(SyncEngine engine, IAsyncDisposable owner, Finding? failure, int exitCode)
    {
        Engine = engine;
        _owner = owner;
        Failure = failure;
        ExitCode = exitCode;
    }

    public SyncEngine Engine { get; }

    /// <summary>Gets why the server is not asked; null when it is.</summary>
    public Finding? Failure { get; }

    /// <summary>Gets the exit code that the failure stands for.</summary>
    public int ExitCode { get; }

    public static async Task<LookingEngine> OpenAsync(CommandContext context, ProjectOptions options)
    {
        var file = options.File;
        try
        {
            var project = await options.ReadAsync(mayAsk: !context.Parsed.GetValue(CommandOptions.Json), context.Cancelled);
            var runner = await SyncRunner.SignInAsync(context.Output, context.Loggers, file, project, new SyncSettings(), context.Cancelled);
            return new LookingEngine(runner.Engine, runner, failure: null, Events.ExitCode.Completed);
        }
        catch (UsageException missing)
        {
            return Offline(new Finding { Code = FindingCodes.Server, Severity = FindingSeverity.Unknown, What = "The server was not asked.", Mend = missing.Message }, Events.ExitCode.Completed);
        }
        catch (Exception refused) when (refused is OptionsValidationException or ArgumentException)
        {
            return Offline(Error(FindingCodes.Server, "The server was not asked, because the configuration is wrong.", string.Join(" ", Failures.Describe(refused, debug: false).Messages)), Events.ExitCode.Usage);
        }
        catch (SyncException failure)
        {
            // The auth server names what it refuses in an address or a password; a gateway that refuses the key does not.
            var code = failure switch
            {
                SyncAuthException { Kind: SyncErrorKind.SecretKeyRefused } or SyncAuthException { Code: "401" } => FindingCodes.ApiKey,
                SyncAuthException => FindingCodes.Session,
                _ => FindingCodes.Server,
            };
            return Offline(Error(code, code == FindingCodes.Server ? "The project cannot be reached, or does not answer as one." : "Nobody could be signed in.", failure.Message), Failures.Describe(failure, debug: false).ExitCode);
        }

        LookingEngine Offline(Finding finding, int exitCode)
        {
            var engine = EngineFactory.CreateOffline(file, options.Database, context.Loggers);
            return new LookingEngine(engine, engine, finding, exitCode);
        }
    }

    public ValueTask DisposeAsync() => _owner.DisposeAsync();

    private static Finding Error(string code, string what, string mend) =>
        new() { Code = code, Severity = FindingSeverity.Error, What = what, Why = "Nothing is synced as long as it is so.", Mend = mend };
}
