using System.Text.Json;

namespace Agent.Sync.Kit;

/// <summary>Reads the answer of the kit's horizon function, and refuses what would make a position wrong.</summary>
internal static class KitAnswerReader
{
    /// <exception cref="SyncSchemaException">The kit is of another version.</exception>
    /// <exception cref="SyncProtocolException">The answer is not the kit's.</exception>
    public static KitReading Read(ReadOnlyMemory<byte> json)
    {
        var answer = Parse(json);
        if (answer.Kit != KitFailure.KnownVersion)
        {
            throw KitFailure.OtherVersion(answer.Kit);
        }

        var horizon = new Horizon(
            Number(answer.Horizon),
            Number(answer.Next),
            answer.ServerTime ?? throw KitFailure.Malformed(),
            answer.OldestWriterSince);
        if (horizon.Value > horizon.Next)
        {
            throw KitFailure.Malformed();
        }

        var tables = new Dictionary<string, KitTable>(StringComparer.Ordinal);
        foreach (var (name, table) in answer.Tables ?? throw KitFailure.Malformed())
        {
            if (table is not null)
            {
                tables.Add(name, Table(table));
            }
        }

        return new KitReading(horizon, tables);
    }

    private static HorizonAnswer Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return HorizonAnswer.Read(json.Span);
        }
        catch (JsonException)
        {
            throw KitFailure.Malformed();
        }
    }

    private static KitTable Table(HorizonTable table)
    {
        if (string.IsNullOrEmpty(table.Epoch) || !Identifier.IsValid(table.Tombstones))
        {
            throw KitFailure.Malformed();
        }

        return new KitTable(table.Epoch, Number(table.MinRetained), table.Tombstones)
        {
            Key = table.Key,
            Columns = table.Columns,
            NeedsRestamp = table.NeedsRestamp,
            Problem = table.Problem,
            PoliciesChanged = table.PoliciesChanged,
        };
    }

    private static long Number(string? text) =>
        text is not null && CursorNumber.TryParse(ColumnType.Integer, text, out var number) && number >= 0
            ? number
            : throw KitFailure.Malformed();
}
