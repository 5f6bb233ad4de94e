using System.CommandLine;
using Agent.Sync;

namespace QuickStart.Commands;

/// <summary>Brings both sides to the same rows.</summary>
internal static class SyncCommand
{
    public static Command Create()
    {
        Command command = new("sync", "Send local changes, then bring the server's; a run that was interrupted goes on")
        {
            CommandOptions.Url,
            CommandOptions.Key,
            CommandOptions.Email,
            CommandOptions.Database,
            CommandOptions.PageSize,
            CommandOptions.PushRows,
            CommandOptions.Conflicts,
            CommandOptions.FullResync,
            CommandOptions.AllowMassDelete,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, static context => RunCommand.RunAsync(context, SyncDirection.Both)));
        return command;
    }
}
