using System.CommandLine;
using System.CommandLine.Invocation;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Commands;

/// <summary>The command line: what there is, and how it is run.</summary>
internal static class CommandTree
{
    private const string Description = """
        Keeps Supabase tables and a SQLite file in step, both ways: resumable, with progress.

        Every option in [brackets] can also come from the environment; the option wins. AGENT_SYNC_* variables of
        the engine (page size, retries, limits) are read too.

        Exit codes: 0 completed, 1 failed, 2 usage or configuration, 3 needs a decision (resync required, another
        user's file, mass delete refused, quarantine full, verify found differences), 4 sign-in or permission,
        5 completed with changes in quarantine or rows parked, 75 try again later, 130 interrupted (Ctrl+C),
        143 terminated.
        """;

    public static RootCommand Create() => new(Description)
    {
        CommandOptions.Json,
        CommandOptions.Debug,
        InitCommand.Create(),
        SqlCommand.Create(),
        ScaffoldCommand.Create(),
        DemoCommand.Create(),
        RunCommands.CreateSync(),
        RunCommands.CreatePush(),
        RunCommands.CreatePull(),
        WatchCommand.Create(),
        ChangesCommand.Create(),
        QuarantineCommand.Create(),
        StatusCommand.Create(),
        DoctorCommand.Create(),
        WhyCommand.Create(),
        VerifyCommand.Create(),
        ResetCommand.Create(),
        CompletionCommand.Create(),
    };

    public static async Task<int> RunAsync(string[] arguments)
    {
        var parsed = Create().Parse(arguments);
        if (parsed.Action is ParseErrorAction errors)
        {
            // What is wrong, without a page of help below it.
            errors.ShowHelp = false;
        }

        var exitCode = await parsed.InvokeAsync(new InvocationConfiguration
        {
            // Signals and exceptions are CommandRunner's.
            ProcessTerminationTimeout = null,
            EnableDefaultExceptionHandler = false,
        });
        return parsed.Errors.Count > 0 ? ExitCode.Usage : exitCode;
    }
}
