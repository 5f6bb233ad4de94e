using Agent.Sync.Sqlite.Bookkeeping;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>The statement that reads changes with what they come to, and where its columns are. For aliases see <see cref="OutboxNames"/>.</summary>
internal sealed class TakeSql
{
    public const int Id = 0;
    public const int State = 1;
    public const int Operation = 2;
    public const int Kind = 3;
    public const int HasBase = 4;
    public const int HasLocal = 5;
    public const int IsBaseRemoval = 6;
    public const int Sent = 7;
    public const int HasBehind = 8;
    public const int FirstKey = 9;

    private readonly OutboxNames _names;

    /// <param name="plan">The dataset's plan.</param>
    /// <param name="isHeld">The condition that a change in <c>o</c>, about the row in <c>t</c>, is not handed out yet; null when all are.</param>
    /// <param name="known">The table's columns, whose numbers tell where an edit marks them; null where marks are not asked for.</param>
    public TakeSql(DatasetPlan plan, string? isHeld = null, IReadOnlyDictionary<string, KnownColumn>? known = null)
    {
        var dataset = plan.Dataset;
        _names = new OutboxNames(dataset);
        BaseVersion = FirstKey + plan.KeyOrdinals.Length;
        var values = dataset.PushedOrdinals.Where(ordinal => !plan.KeyOrdinals.Contains(ordinal)).ToList();
        var marks = new ChangeMarks(known, dataset, BaseVersion + 1 + (2 * values.Count));
        Pushed = [.. dataset.PushedOrdinals.Select(ordinal => values.IndexOf(ordinal) is var index and >= 0
            ? new PushedColumn(ordinal, BaseVersion + 1 + (2 * index), BaseVersion + 2 + (2 * index), marks.Find(ordinal))
            : new PushedColumn(ordinal, FirstKey + Array.IndexOf(plan.KeyOrdinals, ordinal), Differs: null, Mark: null))];
        var removed = plan.RemoveOrdinal is { } remove ? $"o.{OutboxNames.Base(dataset.Columns[remove].LocalName)} IS NOT NULL" : "0";
        var columns = values.Select(ordinal => dataset.Columns[ordinal].LocalName)
            .Select(static name => $", {Content(name)}, o.{OutboxNames.Base(name)} IS NOT {Content(name)}");
        Changes = $"""
            SELECT o.id, o.state, o.operation, o.kind, o.has_base, {HasContent}, {removed}, CASE WHEN o.state = {OutboxNames.InFlight} THEN o.sent END, f.id IS NOT NULL{string.Concat(_names.Keys.Select(static key => $", o.{OutboxNames.Key(key)}"))},
                o.{OutboxNames.Base(dataset.Columns[plan.VersionOrdinal].LocalName)}{string.Concat(columns)}{marks.Columns("o.")}
            {From} WHERE o.id > ?1 AND o.code IS NULL AND (o.state = {OutboxNames.InFlight} OR {_names.HasNoneInFlight("o.")}){(isHeld is null ? string.Empty : $" AND NOT ({isHeld})")}
            ORDER BY o.id
            """;
        var all = dataset.Columns.Select(static column => column.LocalName).ToList();
        Images = $"""
            SELECT o.has_base, {HasContent}{string.Concat(all.Select(name => $", o.{(_names.Keys.Contains(name) ? OutboxNames.Key(name) : OutboxNames.Base(name))}"))}{string.Concat(all.Select(name => $", {(_names.Keys.Contains(name) ? $"o.{OutboxNames.Key(name)}" : Content(name))}"))}
            {From} WHERE o.id = ?1
            """;
    }

    /// <summary>Gets the statement; its parameter is the change after which to go on.</summary>
    public string Changes { get; }

    /// <summary>Gets the statement that reads the rows of one change: whether it has a base and content, then every column of each; its parameter is the change.</summary>
    public string Images { get; }

    /// <summary>Gets the columns that may be sent, the key's among them.</summary>
    public PushedColumn[] Pushed { get; }

    /// <summary>Gets the position of the base's version.</summary>
    public int BaseVersion { get; }

    // An edit behind a change in flight has what was sent as its base; without one it is what the table has.
    private string HasContent => $"CASE WHEN f.id IS NULL THEN t.{Names.Quote(_names.Keys[0])} IS NOT NULL ELSE f.has_base END";

    private string From =>
        $"""
        FROM {_names.Table} o
        LEFT JOIN {_names.Table} f ON o.state = {OutboxNames.InFlight} AND {_names.IsBehind("f.", "o.")}
        LEFT JOIN {_names.Local} t ON {_names.IsAbout("o.", "t")}
        """;

    private static string Content(string column) => $"CASE WHEN f.id IS NULL THEN t.{Names.Quote(column)} ELSE f.{OutboxNames.Base(column)} END";
}

/// <summary>A column that may be sent, and where a statement has it.</summary>
/// <param name="Ordinal">Its position in the dataset.</param>
/// <param name="Value">The position of its value.</param>
/// <param name="Differs">The position of whether it differs from the base; null for a column of the key.</param>
/// <param name="Mark">Where an edit of it is marked; null for a column of the key, and where marks are not asked for.</param>
internal readonly record struct PushedColumn(int Ordinal, int Value, int? Differs, ChangeMark? Mark);
