using System.CommandLine;
using System.Globalization;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Migrations;

namespace Agent.Sync.Cli.Commands;

/// <summary>Writes the migration that gives the configured tables what they lack.</summary>
internal static class SqlCommand
{
    private static readonly Option<string?> Kit = CommandOptions.Kit("Whether the SQL kit is enabled, or triggers and indexes are made: on or off [default: on where the database has the kit]");

    private static readonly OutputFile Output = new(
        "supabase/migrations/<time>_agent_sync.sql",
        static now => string.Create(CultureInfo.InvariantCulture, $"supabase/migrations/{now:yyyyMMddHHmmss}_agent_sync.sql"));

    public static Command Create()
    {
        Command command = new("sql", "Write the triggers, indexes or SQL kit calls that the configured tables lack, as a migration; nothing is run")
        {
            CommandOptions.From,
            CommandOptions.Config,
            Kit,
            Output.Option,
            CommandOptions.Force,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        ProjectOptions options = new(context.Parsed, Environment.GetEnvironmentVariable);
        var path = Output.Find(context);
        var datasets = options.File.Datasets;
        var catalog = options.DatabaseAddress is { } address
            ? await context.Output.WaitAsync("Reading the catalog", () => Catalog.ReadAsync(address, [.. datasets.Select(static dataset => dataset.Schema).Distinct(StringComparer.Ordinal)], context.Cancelled))
            : null;
        var withKit = context.Parsed.GetValue(Kit) is { } kit ? kit == "on" : catalog?.HasKit == true;
        TableNeeds[] tables = [.. datasets.Select(dataset => catalog is null ? TableNeeds.All(dataset, withKit) : TableNeeds.Of(dataset, catalog, withKit))];
        var name = Path.GetFileName(options.FilePath);
        var sql = MigrationSql.Write(tables, catalog is null ? $"{name} alone" : $"{name} and the catalog of the database", Notes(tables, withKit, catalog));

        // A migration without a statement would only be in the way.
        var isWritten = path is not null && tables.Any(static table => !table.IsEmpty);
        if (isWritten)
        {
            await OutputFile.WriteAsync(path!, sql, context.Cancelled);
        }

        context.Output.Write(new SqlEvent(isWritten ? path : null, path is null ? sql : null, [.. tables.Select(Told)]));
        return ExitCode.Completed;
    }

    private static IEnumerable<string> Notes(TableNeeds[] tables, bool withKit, Catalog? catalog)
    {
        if (tables.All(static table => table.IsEmpty))
        {
            yield return "Nothing is missing that a statement could add.";
        }

        if (tables.Any(static table => table.Kinds.Contains(LackKind.Index)))
        {
            yield return "On a large table in use, build the index first, outside a transaction, with create index concurrently.";
        }

        if (withKit && catalog?.HasKit != true)
        {
            yield return "The SQL kit itself has to be there first: apply agent_sync_kit.sql, and expose the schema agent_sync.";
        }
    }

    private static SqlTable Told(TableNeeds table) => new(
        $"{table.Dataset.Schema}.{table.Dataset.RemoteTable}",
        [.. table.Kinds.Order().Select(kind => Word(kind, table)), .. table.NeedsKit ? ["the SQL kit"] : Array.Empty<string>()],
        table.Left);

    private static string Word(LackKind kind, TableNeeds table) => kind switch
    {
        LackKind.Stamp => $"a trigger that moves {table.UpdatedAt}",
        LackKind.Version => $"a trigger that raises {table.Version}",
        LackKind.Index => $"an index on ({string.Join(", ", [table.UpdatedAt, .. table.Key])})",
        _ => $"not null for {table.UpdatedAt}",
    };
}
