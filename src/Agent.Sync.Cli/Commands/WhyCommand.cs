using System.CommandLine;
using System.Text.Json.Nodes;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>Tells where one row stands between the file and the server.</summary>
internal static class WhyCommand
{
    private static readonly Argument<string> Table = new("table") { Description = "The table, or the dataset's name" };

    private static readonly Argument<string[]> Key = new("key")
    {
        Description = "The row's key; of several columns one value each, in the order of the key",
        Arity = ArgumentArity.OneOrMore,
    };

    private static readonly Option<bool> Values = new("--values") { Description = "Show the rows too, the one in the file and the server's" };

    public static Command Create()
    {
        Command command = new("why", "Say where one row stands between the file and the server, and what happens next; nothing is changed")
        {
            Table,
            Key,
            CommandOptions.Config,
            CommandOptions.Url,
            CommandOptions.Key,
            CommandOptions.Email,
            CommandOptions.Database,
            Values,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        ProjectOptions options = new(context.Parsed, Environment.GetEnvironmentVariable);
        var named = context.Parsed.GetValue(Table)!;
        var dataset = options.File.Datasets.FirstOrDefault(dataset => dataset.Name == named || dataset.RemoteTable == named)
            ?? throw new UsageException($"There is no dataset {named}: the file has {string.Join(", ", options.File.Datasets.Select(static dataset => dataset.Name))}.");
        var key = KeyOf(dataset, context.Parsed.GetValue(Key)!);
        await using var looking = await LookingEngine.OpenAsync(context, options);
        var row = await context.Output.WaitAsync("Looking for the row", () => looking.Engine.ExplainAsync(dataset.Name, key, context.Cancelled));
        var exitCode = looking.ExitCode != ExitCode.Completed ? looking.ExitCode
            : row.State is RowState.Quarantined or RowState.Parked ? ExitCode.Quarantine
            : ExitCode.Completed;
        context.Output.Write(WhyEvent.From(row with { ServerFailure = looking.Failure?.Mend ?? row.ServerFailure }, context.Parsed.GetValue(Values), exitCode));
        return exitCode;
    }

    private static string KeyOf(Dataset dataset, string[] values)
    {
        DatasetColumn[] columns = [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal])];
        if (values.Length != columns.Length)
        {
            throw new UsageException($"The key of {dataset.Name} is {string.Join(", ", columns.Select(static column => $"{column.Name} ({column.Type.ToString().ToLowerInvariant()})"))}: give {(columns.Length == 1 ? "one value" : $"{columns.Length} values, in this order")}.");
        }

        return new JsonObject(columns.Select((column, index) => KeyValuePair.Create<string, JsonNode?>(column.Name, values[index]))).ToJsonString();
    }
}
