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

        var tables = new Dictionary<string, HorizonTable?>(answer.Tables ?? throw KitFailure.Malformed(), StringComparer.Ordinal);
        return new KitReading(horizon, tables
            .Where(static table => table.Value is not null)
            .ToDictionary(static table => table.Key, static table => Table(table.Value!), StringComparer.Ordinal));
    }

    private static HorizonAnswer Parse(ReadOnlyMemory<byte> json)
    {
        try
        {
            return JsonSerializer.Deserialize(json.Span, KitJsonContext.Default.HorizonAnswer) ?? throw KitFailure.Malformed();
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
