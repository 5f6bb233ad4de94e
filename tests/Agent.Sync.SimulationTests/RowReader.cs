using System.Runtime.CompilerServices;
using Agent.Sync.Testing;
using Agent.Sync.Testing.Postgrest.Rows;

namespace Agent.Sync.SimulationTests;

/// <summary>The server's rows as the checks see them. Each version of a row is read once: the checks look at every row after every commit.</summary>
internal sealed class RowReader(PostgrestTable table, string owner)
{
    private readonly ConditionalWeakTable<TableRow, ServerRow> _rows = [];

    public IEnumerable<ServerRow> Visible(string user) => table.Rows.Select(Of).Where(row => string.Equals(row.Owner, user, StringComparison.Ordinal));

    public ServerRow Of(TableRow row)
    {
        if (!_rows.TryGetValue(row, out var known))
        {
            _rows.Add(row, known = Read(row));
        }

        return known;
    }

    private ServerRow Read(TableRow row) => new(
        Text(row, "id")!,
        Text(row, owner),
        Text(row, "updated_at") is { } updated && TimestampText.TryParse(updated, out var micros) ? micros : null,
        Number(row, "sync_seq"),
        Number(row, "version"),
        Text(row, "deleted_at") is not null);

    private string? Text(TableRow row, string column) =>
        Has(column) && row.Values[table.OrdinalOf(column)] is not null ? SqlValue.TextOf(row.Json[table.OrdinalOf(column)]) : null;

    private long? Number(TableRow row, string column) => Has(column) ? row.Values[table.OrdinalOf(column)] as long? : null;

    private bool Has(string column) => table.Columns.Any(item => item.Name == column);
}

/// <summary>What the checks need of one version of a server's row.</summary>
internal sealed record ServerRow(string Id, string? Owner, long? UpdatedAt, long? Sequence, long? Version, bool IsDeleted);
