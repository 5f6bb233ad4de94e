using Agent.Sync.Cli.Events;
using Spectre.Console;

namespace Agent.Sync.Cli.Output;

/// <summary>A migration, or what became of it.</summary>
internal static class SqlText
{
    public static void Write(SqlEvent sql, IAnsiConsole console, Action<string, string> row, Action<string, string> headline)
    {
        if (sql.Sql is not null)
        {
            console.Write(new Text(sql.Sql));
            return;
        }

        foreach (var table in sql.Tables.Where(static table => table.Adds.Count + table.Left.Count > 0))
        {
            headline(table.Table, "bold");
            foreach (var added in table.Adds)
            {
                row("  adds", added);
            }

            foreach (var left in table.Left)
            {
                row("  left", left);
            }
        }

        headline(sql.File is null ? "Nothing is missing that a statement could add: no file was written." : $"Written: {sql.File}", "green");
    }
}
