using System.CommandLine;
using Agent.Sync;

namespace QuickStart.Commands;

/// <summary>Pulls what a user may see.</summary>
internal static class PullCommand
{
    public static Command Create()
    {
        Command command = new("pull", "Bring the server's rows only; local changes stay and wait")
        {
            CommandOptions.Url,
            CommandOptions.Key,
            CommandOptions.Email,
            CommandOptions.Database,
            CommandOptions.PageSize,
            CommandOptions.FullResync,
            CommandOptions.AllowMassDelete,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, static context => RunCommand.RunAsync(context, SyncDirection.Pull)));
        return command;
    }
}
