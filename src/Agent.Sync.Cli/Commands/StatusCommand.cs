using System.CommandLine;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>Tells where the datasets stand, from the file alone.</summary>
internal static class StatusCommand
{
    public static Command Create()
    {
        Command command = new("status", "Show how far the file is, without asking the server") { CommandOptions.Config, CommandOptions.Database };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        ProjectOptions options = new(context.Parsed, Environment.GetEnvironmentVariable);
        var database = options.ExistingDatabase;
        await using var engine = EngineFactory.CreateOffline(options.File, database, context.Loggers);
        var status = await engine.GetStatusAsync(context.Cancelled);
        context.Output.Write(new StatusEvent(database, status.Datasets));
        return ExitCode.Completed;
    }
}
