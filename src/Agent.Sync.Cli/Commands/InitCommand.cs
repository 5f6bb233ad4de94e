using System.CommandLine;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;
using Spectre.Console;

namespace Agent.Sync.Cli.Commands;

/// <summary>Looks at a database and writes the file that says what is synced.</summary>
internal static class InitCommand
{
    private static readonly Option<string> Schema = new("--schema")
    {
        Description = "The schema whose tables are looked at [default public]",
        HelpName = "name",
        DefaultValueFactory = static _ => "public",
    };

    private static readonly Option<string[]> Tables = new("--tables")
    {
        Description = "The tables to take [default: all that can be synced]",
        HelpName = "names",
        AllowMultipleArgumentsPerToken = true,
    };

    private static readonly Option<bool> Yes = new("--yes") { Description = "Do not ask" };

    public static Command Create()
    {
        Command command = new("init", "Look at a database, without writing to it, and write agent-sync.json: tables, keys, types, order, and what they lack")
        {
            CommandOptions.From,
            Schema,
            Tables,
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

        var address = options.DatabaseAddress
            ?? throw new UsageException($"The database's address is missing: set {ProjectOptions.AddressVariable}, or give --from.");
        var schema = parsed.GetValue(Schema)!;
        var catalog = await context.Output.WaitAsync("Reading the catalog", () => Catalog.ReadAsync(address, [schema], context.Cancelled));
        TableProposal[] proposals = [.. catalog.Tables.Select(TableProposal.Of)];
        var chosen = ParentsFirst.Order(await ChooseAsync(proposals, schema, parsed.GetValue(Tables), mayAsk, context.Cancelled));
        Write(path, ToolFileText.Write(chosen, options.Find(CommandOptions.Url, "AGENT_SYNC_URL", "SUPABASE_URL")));
        context.Output.Write(new InitEvent(path, [.. chosen.Concat(proposals.Except(chosen)).Select(table => Finding(table, chosen.Contains(table)))]));
        return ExitCode.Completed;
    }

    private static async Task<IReadOnlyList<TableProposal>> ChooseAsync(
        TableProposal[] proposals, string schema, string[]? named, bool mayAsk, CancellationToken cancellationToken)
    {
        TableProposal[] possible = [.. proposals.Where(static table => table.CanSync)];
        if (named is { Length: > 0 })
        {
            if (named.FirstOrDefault(name => !possible.Any(table => table.Table.Name == name)) is { } wrong)
            {
                var lacks = proposals.FirstOrDefault(table => table.Table.Name == wrong)?.Lacks;
                throw new UsageException(lacks is null ? $"There is no table {wrong} in schema {schema}." : $"The table {wrong} cannot be synced: {Words(lacks)}.");
            }

            return [.. possible.Where(table => named.Contains(table.Table.Name, StringComparer.Ordinal))];
        }

        if (possible.Length == 0)
        {
            throw new UsageException(proposals.Length == 0
                ? $"There is no table in schema {schema}: name another with --schema."
                : $"No table can be synced yet. {string.Join(" ", proposals.Select(static table => $"{table.Table.Name}: {Words(table.Lacks)}."))}");
        }

        if (!mayAsk)
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

    private static string Words(IEnumerable<Lack> lacks) => string.Join("; ", lacks.Select(static lack => lack.Text));
}
