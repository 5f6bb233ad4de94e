using System.CommandLine;
using System.Globalization;
using Agent.Sync.Cli.Syncing;
using Agent.Sync.Cli.Watching;

namespace Agent.Sync.Cli.Commands;

/// <summary>Syncs at once, then whenever the interval is over or edits wait, until it is stopped.</summary>
internal static class WatchCommand
{
    private static readonly TimeSpan Longest = TimeSpan.FromHours(24);

    private static readonly Option<TimeSpan> Every = new("--every")
    {
        Description = "The time from the end of one run to the next, such as 30s, 5m or 1h [default 5m]",
        HelpName = "time",
        DefaultValueFactory = static _ => TimeSpan.FromMinutes(5),
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (TryRead(text) is { } interval)
            {
                return interval;
            }

            result.AddError($"--every is '{text}', but must be a time from 1s to 24h, such as 30s, 5m or 1h.");
            return default;
        },
    };

    public static Command Create()
    {
        Command command = new("watch", "Sync now, then every so often and when edits wait, until Ctrl+C; failures are tried again with growing waits")
        {
            CommandOptions.Config,
            CommandOptions.Url,
            CommandOptions.Key,
            CommandOptions.Email,
            CommandOptions.Database,
            Every,
            CommandOptions.PageSize,
            CommandOptions.PushRows,
            CommandOptions.Conflicts,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var parsed = context.Parsed;
        ProjectOptions options = new(parsed, Environment.GetEnvironmentVariable);
        var project = await options.ReadAsync(mayAsk: !parsed.GetValue(CommandOptions.Json), context.Cancelled);
        await using var runner = SyncRunner.Create(context.Output, context.Loggers, options.File, project, CommandOptions.ReadSettings(parsed));
        WatchedEngine engine = new(
            runner.Engine,
            runner.SignInAsync,
            (request, cancelled) => runner.SyncAsync(request, new LastProgress(), cancelled),
            context.Output,
            context.Time,
            parsed.GetValue(CommandOptions.Debug));
        var exitCode = await Watch.RunAsync(engine, parsed.GetValue(Every), context.Time, context.Loggers, context.Cancelled);
        return exitCode ?? throw new OperationCanceledException("A run was interrupted.");
    }

    private static TimeSpan? TryRead(string text)
    {
        TimeSpan? unit = text.Length < 2 ? null : text[^1] switch
        {
            's' => TimeSpan.FromSeconds(1),
            'm' => TimeSpan.FromMinutes(1),
            'h' => TimeSpan.FromHours(1),
            _ => null,
        };
        return unit is { } one && int.TryParse(text.AsSpan(0, text.Length - 1), NumberStyles.None, CultureInfo.InvariantCulture, out var count) && count > 0 && count <= Longest / one
            ? count * one
            : null;
    }
}
