using System.CommandLine;
using Agent.Sync;

namespace QuickStart.Commands;

/// <summary>Sends what was changed in the file.</summary>
internal static class PushCommand
{
    public static Command Create()
    {
        Command command = new("push", "Send local changes only")
        {
            CommandOptions.Url,
            CommandOptions.Key,
            CommandOptions.Email,
            CommandOptions.Database,
            CommandOptions.PushRows,
            CommandOptions.Conflicts,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, static context => RunCommand.RunAsync(context, SyncDirection.Push)));
        return command;
    }
}
