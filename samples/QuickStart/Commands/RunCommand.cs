using Agent.Sync;
using QuickStart.Syncing;

namespace QuickStart.Commands;

/// <summary>What sync, push and pull have in common: sign in, run in a direction, tell the result.</summary>
internal static class RunCommand
{
    /// <returns>The exit code.</returns>
    public static async Task<int> RunAsync(CommandContext context, SyncDirection direction)
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
        };
        await using var runner = await SyncRunner.SignInAsync(
            context.Output, context.Loggers, project, CommandOptions.ReadSettings(parsed), context.Cancelled);
        var result = await runner.RunAsync(request, context.Cancelled);
        return result.ExitCode;
    }
}
