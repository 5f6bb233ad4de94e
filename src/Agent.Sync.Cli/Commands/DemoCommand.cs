using System.CommandLine;
using Agent.Sync.Cli.Demo;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;
using BackendHost;

namespace Agent.Sync.Cli.Commands;

/// <summary>Shows the main job on a backend of its own.</summary>
internal static class DemoCommand
{
    /// <summary>The share of the rows that is edited on each side, unless told otherwise.</summary>
    private const int EditedShare = 100;

    private const string Launcher = "./eng/agent-sync.sh";

    private static readonly Option<string?> Database = new("--database")
    {
        Description = "The SQLite file [default: artifacts.db in the demo's folder]",
        HelpName = "file",
    };

    private static readonly Option<string?> Data = new("--data")
    {
        Description = "The folder that the demo keeps between runs [default: agent-sync-demo in the current folder]",
        HelpName = "folder",
    };

    private static readonly Option<string?> Kit = CommandOptions.Kit("Whether the backend has the SQL kit: on or off [default on]");

    private static readonly Option<bool> Fresh = new("--fresh") { Description = "Forget earlier runs first" };

    private static readonly Option<bool> KeepRunning = new("--keep-running")
    {
        Description = "Keep the backend up until Ctrl+C, to try sync and status from another terminal",
    };

    public static Command Create()
    {
        Command command = new("demo", "Seed a local backend, pull it, edit both sides, sync; interrupt it and run it again, and it continues")
        {
            CommandOptions.Rows,
            CommandOptions.Changes,
            Kit,
            CommandOptions.Conflicts,
            CommandOptions.PageSize,
            CommandOptions.PushRows,
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
        // Before a folder is made: an installed tool has no backend with it, and says where to find one.
        _ = LocalBackendHost.FindServer();
        var parsed = context.Parsed;
        using var folder = DemoFolder.Open(parsed.GetValue(Data));
        if (parsed.GetValue(Fresh))
        {
            folder.Clear();
        }

        // A wrong AGENT_SYNC_* variable is told now, and not after the backend has started.
        var database = parsed.GetValue(Database) is { } named ? Path.GetFullPath(named) : folder.Database;
        var file = folder.WriteToolFile();
        await EngineFactory.CreateOffline(file, database, context.Loggers).DisposeAsync();
        DemoBackend backend = new(folder, context.Output, context.Time, hasKit: parsed.GetValue(Kit) != "off");
        await using var host = await backend.StartAsync(parsed.GetValue(CommandOptions.Rows), context.Cancelled);
        ProjectSettings project = new(host.Url, host.PublishableKey, DemoBackend.Email, DemoBackend.Password, database);
        var exitCode = await SyncAsync(context, folder, file, host, project);
        if (exitCode == ExitCode.Completed)
        {
            context.Output.Write(Next(file, database));
        }

        if (parsed.GetValue(KeepRunning))
        {
            await ServeAsync(context, file, project);
        }

        return exitCode;
    }

    /// <summary>The first sync, or what is left of it, and then the edits.</summary>
    private static async Task<int> SyncAsync(CommandContext context, DemoFolder folder, ToolFile file, LocalBackendHost host, ProjectSettings project)
    {
        await using var runner = await SyncRunner.SignInAsync(
            context.Output, context.Loggers, file, project, CommandOptions.ReadSettings(context.Parsed), context.Cancelled);
        var state = folder.ReadState()!;

        // A project on another port is another project; the demo knows that it is not.
        SyncRequest request = new() { FullResync = state.Port != host.Url.Port };
        if (!state.IsPulled)
        {
            var pulled = await runner.RunAsync(request with { Direction = SyncDirection.Pull }, context.Cancelled);
            if (pulled.ExitCode != ExitCode.Completed)
            {
                return pulled.ExitCode;
            }

            request = new SyncRequest();
            folder.WriteState(state with { Port = host.Url.Port, IsPulled = true });
        }

        var changes = context.Parsed.GetValue(CommandOptions.Changes) ?? Math.Max(1, state.Rows / EditedShare);
        DemoStory story = new(
            context.Output, runner, new DeviceEdits(project.Database, state.Owner, context.Time), new ServerEdits(host, state.Owner));
        var synced = await story.RunAsync(BulkEdits.Of(changes, state.Rows), request, context.Cancelled);
        folder.WriteState(state with { Port = host.Url.Port, IsPulled = true });

        // The demo asked for that rejection itself.
        return synced.ExitCode == ExitCode.Quarantine ? ExitCode.Completed : synced.ExitCode;
    }

    private static NextEvent Next(ToolFile file, string database) => new(
    [
        new("see what was rejected and why", AgentSync($"quarantine --config {Quote(file.Path)} --database {Quote(database)}")),
        new("let the local side win the conflicts", "the same command with --conflicts local"),
        new("send and bring 10,000 changes in one run", "the same command with --changes 10000"),
        new("see it continue after Ctrl+C", "the same command with --rows 200000, Ctrl+C, and again"),
    ]);

    /// <summary>The command as a reader of this terminal can copy it.</summary>
    private static string AgentSync(string arguments) =>
        (!OperatingSystem.IsWindows() && File.Exists(Launcher) ? Launcher : "agent-sync") + " " + arguments;

    private static string Quote(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;

    private static async Task ServeAsync(CommandContext context, ToolFile file, ProjectSettings project)
    {
        context.Output.Write(new ServingEvent(new Dictionary<string, string>
        {
            ["AGENT_SYNC_URL"] = project.Url.ToString(),
            ["AGENT_SYNC_KEY"] = project.Key,
            ["AGENT_SYNC_EMAIL"] = project.Email,
            [ProjectOptions.PasswordVariable] = project.Password,
            ["AGENT_SYNC_CONFIG"] = file.Path,
            ["AGENT_SYNC_DATABASE"] = project.Database,
        }));
        try
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, context.Time, context.Cancelled);
        }
        catch (OperationCanceledException)
        {
            // Ctrl+C is how this is meant to end.
        }
    }
}
