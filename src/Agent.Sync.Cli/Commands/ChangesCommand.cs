using System.CommandLine;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>Lists the local edits that are not on the server yet, one by one: there may be many.</summary>
internal static class ChangesCommand
{
    private static readonly Option<string?> Dataset = new("--dataset")
    {
        Description = "Only the changes of this dataset [default: all]",
        HelpName = "name",
    };

    private static readonly Option<bool> Values = new("--values") { Description = "Show the rows too, the local one and the server's that the edit started from" };

    public static Command Create()
    {
        Command command = new("changes", "List the local edits that wait to be sent, without asking the server") { CommandOptions.Config, CommandOptions.Database, Dataset, Values };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        ProjectOptions options = new(context.Parsed, Environment.GetEnvironmentVariable);
        var database = options.ExistingDatabase;
        var named = context.Parsed.GetValue(Dataset);
        string[] datasets = [.. options.File.Datasets.Select(static dataset => dataset.Name).Where(name => named is null || name == named)];
        if (datasets.Length == 0)
        {
            throw new UsageException($"There is no dataset {named}: the file has {string.Join(", ", options.File.Datasets.Select(static dataset => dataset.Name))}.");
        }

        await using var engine = EngineFactory.CreateOffline(options.File, database, context.Loggers);
        var count = 0;
        foreach (var dataset in datasets)
        {
            await foreach (var change in engine.ReadChangesAsync(dataset, cancellationToken: context.Cancelled))
            {
                if (change.State != ChangeState.Quarantined)
                {
                    context.Output.Write(await DescribeAsync(engine, change, context));
                    count++;
                }
            }
        }

        context.Output.Write(new ChangesEvent(database, count));
        return ExitCode.Completed;
    }

    private static async Task<ChangeEvent> DescribeAsync(SyncEngine engine, LocalChange change, CommandContext context)
    {
        if (!context.Parsed.GetValue(Values))
        {
            return ChangeEvent.From(change, default, default);
        }

        try
        {
            var rows = await engine.ReadChangeRowsAsync(change.Dataset, change.Id, context.Cancelled);
            return ChangeEvent.From(change, rows.Local, rows.Server);
        }
        catch (SyncStoreException exception) when (exception is { Kind: SyncErrorKind.StoreFailed, IsTransient: true })
        {
            // It was sent meanwhile.
            return ChangeEvent.From(change, default, default);
        }
    }
}
