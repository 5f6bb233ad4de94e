using System.CommandLine;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Commands;

/// <summary>Which tables of a database are taken.</summary>
internal static class TableChoice
{
    public static Option<string> Schema { get; } = new("--schema")
    {
        Description = "The schema whose tables are looked at [default public]",
        HelpName = "name",
        DefaultValueFactory = static _ => "public",
    };

    public static Option<string[]> Tables { get; } = new("--tables")
    {
        Description = "The tables to take [default: all that can be synced]",
        HelpName = "names",
        AllowMultipleArgumentsPerToken = true,
    };

    /// <summary>The tables that are named, or all that can be synced. Never empty.</summary>
    public static TableProposal[] Of(TableProposal[] proposals, string schema, string[]? named)
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

        return possible;
    }

    private static string Words(IEnumerable<Lack> lacks) => string.Join("; ", lacks.Select(static lack => lack.Text));
}
