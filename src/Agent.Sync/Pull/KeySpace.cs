using System.Buffers.Binary;
using System.Globalization;

namespace Agent.Sync.Pull;

/// <summary>Finds keys between two keys by arithmetic, without asking the server: for the columns whose order is the order of their numbers, uuid and integer.</summary>
internal sealed class KeySpace
{
    private readonly ColumnType[] _types;

    public KeySpace(Dataset dataset)
    {
        _types = [.. dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Type)];
    }

    /// <summary>Divides what lies after one key, up to another, into equal parts.</summary>
    /// <param name="after">A key, or its first values.</param>
    /// <param name="upTo">A later one.</param>
    /// <param name="parts">How many parts to make.</param>
    /// <returns>
    /// The boundaries between the parts, rising. Each is a key, or its first values where these are enough. There are fewer where the keys
    /// are too close together, and none where the order of the column is not known.
    /// </returns>
    public IReadOnlyList<IReadOnlyList<string>> Divide(IReadOnlyList<string> after, IReadOnlyList<string> upTo, int parts)
    {
        if (FirstDifference(after, upTo) is not { } part
            || Number(_types[part], after[part]) is not { } start
            || Number(_types[part], upTo[part]) is not { } end
            || end <= start)
        {
            return [];
        }

        List<IReadOnlyList<string>> boundaries = [];
        var (step, rest) = UInt128.DivRem(end - start, (UInt128)parts);
        var before = start;
        for (var index = 1; index < parts; index++)
        {
            var boundary = start + (step * (UInt128)index) + (rest * (UInt128)index / (UInt128)parts);
            if (boundary > before && boundary < end)
            {
                boundaries.Add([.. after.Take(part), Format(_types[part], boundary)]);
                before = boundary;
            }
        }

        return boundaries;
    }

    /// <summary>Returns how far one key is after another, to compare distances; null where they cannot be compared.</summary>
    public double? Distance(IReadOnlyList<string> from, IReadOnlyList<string> to) =>
        _types.Length == 1 && Number(_types[0], from[0]) is { } start && Number(_types[0], to[0]) is { } end && end >= start
            ? (double)(end - start)
            : null;

    private static int? FirstDifference(IReadOnlyList<string> after, IReadOnlyList<string> upTo)
    {
        for (var part = 0; part < after.Count && part < upTo.Count; part++)
        {
            if (!string.Equals(after[part], upTo[part], StringComparison.Ordinal))
            {
                return part;
            }
        }

        return null;
    }

    private static UInt128? Number(ColumnType type, string text) => type switch
    {
        ColumnType.Integer when long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out var number) =>
            (ulong)number ^ (1UL << 63),
        ColumnType.Uuid when Guid.TryParseExact(text, "D", out var uuid) => ToNumber(uuid),
        _ => null,
    };

    private static UInt128 ToNumber(Guid uuid)
    {
        Span<byte> bytes = stackalloc byte[16];
        uuid.TryWriteBytes(bytes, bigEndian: true, out _);
        return BinaryPrimitives.ReadUInt128BigEndian(bytes);
    }

    private static string Format(ColumnType type, UInt128 number)
    {
        if (type == ColumnType.Integer)
        {
            return ((long)((ulong)number ^ (1UL << 63))).ToString(CultureInfo.InvariantCulture);
        }

        Span<byte> bytes = stackalloc byte[16];
        BinaryPrimitives.WriteUInt128BigEndian(bytes, number);
        return new Guid(bytes, bigEndian: true).ToString("D");
    }
}
