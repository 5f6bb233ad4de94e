using System.CommandLine;
using Agent.Sync;
using QuickStart.Syncing;

namespace QuickStart.Commands;

/// <summary>Pulls what a user may see.</summary>
internal static class PullCommand
{
    private static readonly Option<bool> FullResync = new("--full-resync")
    {
        Description = "Read everything again and remove what is gone; the rows stay readable meanwhile",
    };

    private static readonly Option<bool> AllowMassDelete = new("--allow-mass-delete")
    {
        Description = "Let a resync remove more than half of the rows",
    };

    public static Command Create()
    {
        Command command = new("pull", "Pull projects and artifacts into the file; a run that was interrupted goes on")
        {
            CommandOptions.Url,
            CommandOptions.Key,
            CommandOptions.Email,
            CommandOptions.Database,
            CommandOptions.PageSize,
            FullResync,
            AllowMassDelete,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        ProjectOptions options = new(context.Parsed, Environment.GetEnvironmentVariable);
        var project = await options.ReadAsync(mayAsk: !context.Parsed.GetValue(CommandOptions.Json), context.Cancelled);
        SyncRequest request = new()
        {
            FullResync = context.Parsed.GetValue(FullResync),
            AllowMassDelete = context.Parsed.GetValue(AllowMassDelete),
        };
        return await new PullRun(context.Output, context.Loggers)
            .RunAsync(project, context.Parsed.GetValue(CommandOptions.PageSize), request, context.Cancelled);
    }
}
