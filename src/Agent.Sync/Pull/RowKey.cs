using System.Buffers.Text;

namespace Agent.Sync.Pull;

/// <summary>Compares keys the way the server orders them, as far as that can be known locally.</summary>
internal static class RowKey
{
    /// <summary>Compares one row's key with another row's, column by column.</summary>
    public static KeyComparison Compare(Page page, int row, int earlierRow)
    {
        var dataset = page.Dataset;
        for (var part = 0; part < dataset.KeyOrdinals.Count; part++)
        {
            var ordinal = dataset.KeyOrdinals[part];
            var comparison = CompareValue(
                dataset.Columns[ordinal].Type, page.GetCell(row, ordinal).Utf8, page.GetCell(earlierRow, ordinal).Utf8);
            if (comparison != KeyComparison.Same)
            {
                return comparison;
            }
        }

        return KeyComparison.Same;
    }

    /// <summary>Compares one row's key with a key that was kept.</summary>
    public static KeyComparison Compare(Page page, int row, byte[][] earlier)
    {
        var dataset = page.Dataset;
        for (var part = 0; part < earlier.Length; part++)
        {
            var ordinal = dataset.KeyOrdinals[part];
            var comparison = CompareValue(dataset.Columns[ordinal].Type, page.GetCell(row, ordinal).Utf8, earlier[part]);
            if (comparison != KeyComparison.Same)
            {
                return comparison;
            }
        }

        return KeyComparison.Same;
    }

    private static KeyComparison CompareValue(ColumnType type, ReadOnlySpan<byte> value, ReadOnlySpan<byte> earlier)
    {
        if (type == ColumnType.Integer
            && Utf8Parser.TryParse(value, out long number, out _) && Utf8Parser.TryParse(earlier, out long earlierNumber, out _))
        {
            return FromOrder(number.CompareTo(earlierNumber));
        }

        // PostgreSQL writes a uuid in lower-case hexadecimal, whose text order is its byte order.
        if (type == ColumnType.Uuid)
        {
            return FromOrder(value.SequenceCompareTo(earlier));
        }

        return value.SequenceEqual(earlier) ? KeyComparison.Same : KeyComparison.Different;
    }

    private static KeyComparison FromOrder(int order) => order switch
    {
        < 0 => KeyComparison.Before,
        0 => KeyComparison.Same,
        _ => KeyComparison.After,
    };
}

internal enum KeyComparison
{
    Before,

    Same,

    After,

    /// <summary>Different; only the server knows the order, by its collation.</summary>
    Different,
}
