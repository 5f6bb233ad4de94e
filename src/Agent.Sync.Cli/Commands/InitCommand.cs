using System.CommandLine;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;
using Spectre.Console;

namespace Agent.Sync.Cli.Commands;

/// <summary>Looks at a database and writes the file that says what is synced.</summary>
internal static class InitCommand
{
    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    public static Command Create()
    {
        Command command = new("init", "Look at a database, without writing to it, and write agent-sync.json: tables, keys, types, order, and what they lack")
        {
            CommandOptions.From,
            TableChoice.Schema,
            TableChoice.Tables,
            CommandOptions.Config,
            CommandOptions.Url,
            Yes,
            CommandOptions.Force,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var parsed = context.Parsed;
        ProjectOptions options = new(parsed, Environment.GetEnvironmentVariable);
        var path = options.FilePath;
        if (File.Exists(path) && !parsed.GetValue(CommandOptions.Force))
        {
            throw new UsageException($"{path} is there already: name another file with --config, or replace it with --force.");
        }

        var mayAsk = !parsed.GetValue(Yes);
        if (mayAsk && (parsed.GetValue(CommandOptions.Json) || Console.IsInputRedirected || Console.IsOutputRedirected))
        {
            throw new UsageException("There is nobody to ask which tables to take: give --yes, and --tables for some of them.");
        }

        var schema = parsed.GetValue(TableChoice.Schema)!;
        var catalog = await context.Output.WaitAsync("Reading the catalog", () => options.ReadCatalogAsync([schema], context.Cancelled))
            ?? throw new UsageException($"The database's address is missing: set {ProjectOptions.AddressVariable}, or give --from. Or set {ProjectOptions.SecretKeyVariable} to a secret key of the project.");
        TableProposal[] proposals = [.. catalog.Tables.Select(TableProposal.Of)];
        var chosen = ParentsFirst.Order(await ChooseAsync(proposals, schema, parsed.GetValue(TableChoice.Tables), mayAsk, context.Cancelled));
        Write(path, ToolFileText.Write(chosen, options.Find(CommandOptions.Url, "AGENT_SYNC_URL", "SUPABASE_URL")));
        context.Output.Write(new InitEvent(path, [.. chosen.Concat(proposals.Except(chosen)).Select(table => Finding(table, chosen.Contains(table)))], catalog.Unknown));
        return ExitCode.Completed;
    }

    private static async Task<IReadOnlyList<TableProposal>> ChooseAsync(
        TableProposal[] proposals, string schema, string[]? named, bool mayAsk, CancellationToken cancellationToken)
    {
        var possible = TableChoice.Of(proposals, schema, named);
        if (!mayAsk || named is { Length: > 0 })
        {
            return possible;
        }

        var prompt = new MultiSelectionPrompt<string>().Title("Which tables?").PageSize(20).AddChoices(possible.Select(static table => table.Table.Name));
        foreach (var table in possible)
        {
            prompt.Select(table.Table.Name);
        }

        var picked = await prompt.ShowAsync(AnsiConsole.Console, cancellationToken);
        return [.. possible.Where(table => picked.Contains(table.Table.Name))];
    }

    private static void Write(string path, byte[] content)
    {
        var folder = Path.GetDirectoryName(path)!;
        Directory.CreateDirectory(folder);
        File.WriteAllBytes(Path.Combine(folder, ToolFileText.SchemaName), ToolFile.Resource(ToolFileText.SchemaName));
        File.WriteAllBytes(path, content);

        // What was written is what the other commands read.
        _ = ToolFile.Read(path);
    }

    private static TableFinding Finding(TableProposal table, bool isChosen) =>
        new(table.Table.Name, isChosen, table.Key, table.UpdatedAt, table.Version, table.DeletedAt, table.Columns.Count, [.. table.Lacks.Select(static lack => lack.Text)]);
}
