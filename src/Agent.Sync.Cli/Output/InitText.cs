using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>What init found, and what it wrote.</summary>
internal static class InitText
{
    public static void Write(InitEvent init, Action<string, string> row, Action<string, string> headline)
    {
        foreach (var table in init.Tables)
        {
            headline(table.IsChosen ? table.Table : $"{table.Table} (left out)", table.IsChosen ? "bold" : "yellow");
            if (table.Key.Count > 0)
            {
                row("  columns", $"{Words.Counted(table.Columns, "column")}, key {string.Join(", ", table.Key)}{Part("order", table.UpdatedAt)}{Part("version", table.Version)}{Part("deletion", table.DeletedAt)}");
            }

            foreach (var lack in table.Lacks)
            {
                row("  lacks", lack);
            }
        }

        foreach (var unknown in init.Unknown)
        {
            row("unknown", unknown);
        }

        headline($"Written: {init.File}", "green");
        if (init.Tables.Any(static table => table is { IsChosen: true, Lacks.Count: > 0 }))
        {
            row("next", "agent-sync sql, which writes what the tables lack");
            row("then", "agent-sync sync");
        }
        else
        {
            row("next", "agent-sync sync");
        }
    }

    private static string Part(string what, string? column) => column is null ? "" : $", {what} {column}";
}
