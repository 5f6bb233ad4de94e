using System.CommandLine;
using Agent.Sync;
using LocalBackend;
using QuickStart.Demo;
using QuickStart.Events;
using QuickStart.Syncing;

namespace QuickStart.Commands;

/// <summary>Shows the main job on a backend of its own.</summary>
internal static class DemoCommand
{
    private static readonly Option<string?> Database = new("--database")
    {
        Description = "The SQLite file [default: artifacts.db in the demo's folder]",
        HelpName = "file",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "The folder that the demo keeps between runs [default: below the user's local data]",
        HelpName = "folder",
    };

    private static readonly Option<bool> Fresh = new("--fresh") { Description = "Forget earlier runs first" };

    private static readonly Option<bool> KeepRunning = new("--keep-running")
    {
        Description = "Keep the backend up until Ctrl+C, to try pull and status from another terminal",
    };

    public static Command Create()
    {
        Command command = new("demo", "Seed a local backend, then pull it; interrupt it and run it again, and it goes on")
        {
            CommandOptions.Rows,
            CommandOptions.PageSize,
            Database,
            Data,
            Fresh,
            KeepRunning,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        using var folder = DemoFolder.Open(context.Parsed.GetValue(Data));
        if (context.Parsed.GetValue(Fresh))
        {
            folder.Clear();
        }

        await using var host = await new DemoBackend(folder, context.Output).StartAsync(context.Parsed.GetValue(CommandOptions.Rows), context.Cancelled);
        var database = context.Parsed.GetValue(Database) is { } named ? Path.GetFullPath(named) : folder.Database;
        ProjectSettings project = new(host.Url, host.PublishableKey, DemoBackend.Email, DemoBackend.Password, database);
        var state = folder.ReadState()!;

        // A project on another port is another project; the demo knows that it is not.
        SyncRequest request = new() { FullResync = state.Port != host.Url.Port };
        var exitCode = await new PullRun(context.Output, context.Loggers)
            .RunAsync(project, context.Parsed.GetValue(CommandOptions.PageSize), request, context.Cancelled);
        if (exitCode == ExitCode.Completed)
        {
            folder.WriteState(state with { Port = host.Url.Port, IsPulled = true });
            context.Output.Write(Next(database));
        }

        if (context.Parsed.GetValue(KeepRunning))
        {
            await ServeAsync(context, project);
        }

        return exitCode;
    }

    private static NextEvent Next(string database) => new(
    [
        new("look at the rows", $"sqlite3 {Quote(database)} 'select count(*) from artifacts'"),
        new("bring only what changed", "the same command again"),
        new("see it go on after Ctrl+C", "the same command with --rows 200000, Ctrl+C, and again"),
    ]);

    private static async Task ServeAsync(CommandContext context, ProjectSettings project)
    {
        context.Output.Write(new ServingEvent(new Dictionary<string, string>
        {
            ["AGENT_SYNC_URL"] = project.Url.ToString(),
            ["AGENT_SYNC_KEY"] = project.Key,
            ["AGENT_SYNC_EMAIL"] = project.Email,
            [ProjectOptions.PasswordVariable] = project.Password,
            ["AGENT_SYNC_DATABASE"] = project.Database,
        }));
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, TimeProvider.System, context.Cancelled);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C is how this is meant to end.
        }
    }

    private static string Quote(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;
}
