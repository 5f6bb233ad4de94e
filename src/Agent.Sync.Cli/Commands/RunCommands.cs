using System.CommandLine;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>sync, push and pull: sign in, run in a direction, tell the result.</summary>
internal static class RunCommands
{
    public static Command CreateSync() => Create("sync", "Send local changes, then bring the server's; an interrupted run continues", SyncDirection.Both,
    [
        CommandOptions.Config,
        CommandOptions.Url,
        CommandOptions.Key,
        CommandOptions.Email,
        CommandOptions.Database,
        CommandOptions.PageSize,
        CommandOptions.PushRows,
        CommandOptions.Conflicts,
        CommandOptions.FullResync,
        CommandOptions.AllowMassDelete,
        CommandOptions.DryRun,
    ]);

    public static Command CreatePush() => Create("push", "Send local changes only", SyncDirection.Push,
    [
        CommandOptions.Config,
        CommandOptions.Url,
        CommandOptions.Key,
        CommandOptions.Email,
        CommandOptions.Database,
        CommandOptions.PushRows,
        CommandOptions.Conflicts,
        CommandOptions.DryRun,
    ]);

    public static Command CreatePull() => Create("pull", "Bring the server's rows only; local changes stay and wait", SyncDirection.Pull,
    [
        CommandOptions.Config,
        CommandOptions.Url,
        CommandOptions.Key,
        CommandOptions.Email,
        CommandOptions.Database,
        CommandOptions.PageSize,
        CommandOptions.FullResync,
        CommandOptions.AllowMassDelete,
        CommandOptions.DryRun,
    ]);

    private static Command Create(string name, string description, SyncDirection direction, Option[] options)
    {
        Command command = new(name, description);
        foreach (var option in options)
        {
            command.Options.Add(option);
        }

        command.SetAction(parsed => CommandRunner.RunAsync(parsed, context => RunAsync(context, direction)));
        return command;
    }

    /// <returns>The exit code.</returns>
    private static async Task<int> RunAsync(CommandContext context, SyncDirection direction)
    {
        var parsed = context.Parsed;
        ProjectOptions options = new(parsed, Environment.GetEnvironmentVariable);
        if (direction == SyncDirection.Push)
        {
            // Without a file there is nothing to push, and a mistyped name must not make an empty one.
            _ = options.ExistingDatabase;
        }

        var project = await options.ReadAsync(mayAsk: !parsed.GetValue(CommandOptions.Json), context.Cancelled);
        SyncRequest request = new()
        {
            Direction = direction,
            FullResync = parsed.GetValue(CommandOptions.FullResync),
            AllowMassDelete = parsed.GetValue(CommandOptions.AllowMassDelete),
            DryRun = parsed.GetValue(CommandOptions.DryRun),
        };
        await using var runner = await SyncRunner.SignInAsync(
            context.Output, context.Loggers, options.File, project, CommandOptions.ReadSettings(parsed), context.Cancelled);
        var result = await runner.RunAsync(request, context.Cancelled);
        return result.ExitCode;
    }
}
