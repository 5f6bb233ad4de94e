using System.Text;
using System.Text.Json;
using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Rows;
using Agent.Sync.Sqlite.Schema;

namespace Agent.Sync.Sqlite.Outbox;

/// <summary>
/// Gives a change in flight back what was sent, where its row was edited since and no trigger was there to tell: what is there now becomes an
/// edit that waits behind it. Runs in the caller's transaction.
/// </summary>
/// <remarks>Sent again with other content under its old operation, it could be answered for the old one, and the later edit would be lost.</remarks>
/// <param name="database">The database.</param>
/// <param name="plan">The dataset's plan.</param>
/// <param name="unread">The columns that were not read yet: what they hold is no edit.</param>
internal sealed class SentContent(SqliteDatabase database, DatasetPlan plan, IReadOnlySet<int> unread)
{
    private const int MaxDepth = 1_000;

    private readonly OutboxNames _names = new(plan.Dataset);

    /// <summary>Makes what the local row is an edit behind a change.</summary>
    /// <param name="change">The change.</param>
    /// <param name="sent">What was sent of it, as a JSON object; empty for a delete.</param>
    /// <returns>False when what was sent cannot be read back: its columns may have other types now.</returns>
    public bool TryKeepBehind(long change, ReadOnlyMemory<byte> sent)
    {
        if (sent.IsEmpty)
        {
            Run($"INSERT INTO {_names.Table} ({_names.KeyColumns}, has_base) SELECT {_names.KeyColumns}, 0 FROM {_names.Table} o WHERE o.id = ?1 AND {HasNoneBehind}", change);
            return true;
        }

        try
        {
            using var content = JsonDocument.Parse(sent, new JsonDocumentOptions { MaxDepth = MaxDepth });
            if (content.RootElement.ValueKind != JsonValueKind.Object)
            {
                return false;
            }

            using var page = Page.Parse(plan.Dataset, Whole(content.RootElement));
            KeepBehind(change, content.RootElement, page);
            return true;
        }
        catch (Exception exception) when (exception is JsonException or SyncProtocolException or SyncSchemaException)
        {
            return false;
        }
    }

    private void KeepBehind(long change, JsonElement content, Page page)
    {
        Run($"INSERT INTO {_names.Table} ({_names.KeyColumns}) SELECT {_names.KeyColumns} FROM {_names.Table} o WHERE o.id = ?1 AND {HasNoneBehind}", change);
        var marks = string.Concat(OutboxSchema.ReadMarks(database, _names).Select(static mark => $", {mark} = -1"));
        using var binder = new PageBinder(plan);
        var given = Enumerable.Range(0, plan.Dataset.Columns.Count).Where(ordinal => content.TryGetProperty(plan.Dataset.Columns[ordinal].Name, out _) && !plan.KeyOrdinals.Contains(ordinal)).ToList();
        var parameters = given.Select((ordinal, index) => (plan.Dataset.Columns[ordinal].LocalName, Parameter: $"?{index + 2}")).ToDictionary(static item => item.LocalName, static item => item.Parameter, StringComparer.OrdinalIgnoreCase);
        var served = plan.Dataset.Columns.Select(static column => column.LocalName).Where((name, ordinal) => unread.Contains(ordinal) || !plan.Dataset.PushedOrdinals.Contains(ordinal)).ToHashSet(StringComparer.OrdinalIgnoreCase);
        using var keep = database.Prepare(
            $"""
            UPDATE {_names.Table} SET has_base = 1, {OutboxNames.IsCompared} = 1{marks}, {_names.Assign(OutboxNames.Base, Sent)}
            FROM {_names.Table} o LEFT JOIN {_names.Local} t ON {_names.IsAbout("o.", "t")}
            WHERE o.id = ?1 AND {_names.IsBehind($"{_names.Table}.", "o.")}
            """);
        keep.Bind(1, change);
        for (var index = 0; index < given.Count; index++)
        {
            binder.Bind(keep, index + 2, page, 0, given[index]);
        }

        keep.Run();

        // What was not sent is what the edit started from, or nothing. What the app does not own is what the row has.
        string Sent(string column) => parameters.TryGetValue(column, out var parameter) ? parameter
            : served.Contains(column) ? $"CASE WHEN t.{Names.Quote(_names.Keys[0])} IS NULL THEN o.{OutboxNames.Base(column)} ELSE t.{Names.Quote(column)} END"
            : $"CASE WHEN o.kind = {(int)ChangeKind.Insert} THEN NULL ELSE o.{OutboxNames.Base(column)} END";
    }

    private string HasNoneBehind =>
        $"NOT EXISTS (SELECT 1 FROM {_names.Table} f WHERE {_names.IsBehind("f.", "o.")})";

    private void Run(string sql, long change)
    {
        using var statement = database.Prepare(sql);
        statement.Run(change);
    }

    /// <summary>Writes a page of one row that has every column, those that were not sent as null.</summary>
    private byte[] Whole(JsonElement sent) => Encoding.UTF8.GetBytes(
        $"[{{{string.Join(',', plan.Dataset.Columns.Select(column => $"\"{JsonEncodedText.Encode(column.Name)}\":{(sent.TryGetProperty(column.Name, out var value) ? value.GetRawText() : "null")}"))}}}]");
}
