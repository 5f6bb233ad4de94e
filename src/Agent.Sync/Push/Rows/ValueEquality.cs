using System.Buffers;
using System.Buffers.Text;
using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Agent.Sync.Push.Rows;

/// <summary>Tells whether two texts are the same value to PostgreSQL, which returns a value in its own spelling.</summary>
/// <remarks>When in doubt the answer is no: a false difference costs a conflict that the policy decides; a false equality would cost an edit.</remarks>
internal static class ValueEquality
{
    /// <param name="type">The column's type.</param>
    /// <param name="sent">The value as it was sent: a string without quotes and escapes, for <see cref="ColumnType.Json"/> the JSON itself.</param>
    /// <param name="server">The server's value in the same form.</param>
    public static bool AreSame(ColumnType type, ReadOnlySpan<byte> sent, ReadOnlySpan<byte> server) =>
        sent.SequenceEqual(server) || type switch
        {
            ColumnType.Uuid => AreSameUuids(sent, server),
            ColumnType.Integer or ColumnType.Numeric => DecimalText.AreSame(sent, server),
            ColumnType.Double => AreSameDoubles(sent, server),
            ColumnType.Boolean => (IsTrue(sent) && IsTrue(server)) || (IsFalse(sent) && IsFalse(server)),
            ColumnType.Timestamptz => TryReadTimestamp(sent, out var left) && TryReadTimestamp(server, out var right) && left == right,
            ColumnType.Timestamp => TryReadLocal(sent, out var left) && TryReadLocal(server, out var right) && left == right,
            ColumnType.Time => TryReadTime(sent, out var left) && TryReadTime(server, out var right) && left == right,
            ColumnType.Bytes => AreSameHex(sent, server),
            ColumnType.Json => AreSameJson(sent, server),
            _ => false,
        };

    private static bool AreSameUuids(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        Utf8Parser.TryParse(left, out Guid one, out var oneLength) && oneLength == left.Length
        && Utf8Parser.TryParse(right, out Guid other, out var otherLength) && otherLength == right.Length
        && one == other;

    private static bool AreSameDoubles(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        double.TryParse(left, CultureInfo.InvariantCulture, out var one) && double.TryParse(right, CultureInfo.InvariantCulture, out var other)
        && one.Equals(other);

    private static bool IsTrue(ReadOnlySpan<byte> text) => text.SequenceEqual("true"u8) || text.SequenceEqual("1"u8);

    private static bool IsFalse(ReadOnlySpan<byte> text) => text.SequenceEqual("false"u8) || text.SequenceEqual("0"u8);

    private static bool TryReadTimestamp(ReadOnlySpan<byte> text, out long microseconds)
    {
        if (TimestampText.TryParse(text, out microseconds))
        {
            return true;
        }

        // .NET writes a tenth of a microsecond; PostgreSQL rounds it.
        if (!DateTimeOffset.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, DateTimeStyles.AssumeUniversal, out var time))
        {
            return false;
        }

        microseconds = TimestampText.ToMicroseconds(time.AddTicks(TimeSpan.TicksPerMicrosecond / 2));
        return true;
    }

    private static bool TryReadLocal(ReadOnlySpan<byte> text, out long microseconds)
    {
        Span<byte> withZone = stackalloc byte[64];
        if (text.Length >= withZone.Length)
        {
            microseconds = 0;
            return false;
        }

        text.CopyTo(withZone);
        withZone[text.Length] = (byte)'Z';
        return TryReadTimestamp(withZone[..(text.Length + 1)], out microseconds) || TryReadTimestamp(text, out microseconds);
    }

    private static bool TryReadTime(ReadOnlySpan<byte> text, out long microseconds)
    {
        var isTime = TimeOnly.TryParse(Encoding.UTF8.GetString(text), CultureInfo.InvariantCulture, out var time);
        microseconds = (time.Ticks + (TimeSpan.TicksPerMicrosecond / 2)) / TimeSpan.TicksPerMicrosecond;
        return isTime;
    }

    private static bool AreSameHex(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        left.StartsWith("\\x"u8) && right.StartsWith("\\x"u8) && Ascii.EqualsIgnoreCase(left, right);

    private static bool AreSameJson(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right)
    {
        var bytes = ArrayPool<byte>.Shared.Rent(left.Length + right.Length);
        try
        {
            left.CopyTo(bytes);
            right.CopyTo(bytes.AsSpan(left.Length));
            using var one = JsonDocument.Parse(bytes.AsMemory(0, left.Length));
            using var other = JsonDocument.Parse(bytes.AsMemory(left.Length, right.Length));
            return JsonElement.DeepEquals(one.RootElement, other.RootElement);
        }
        catch (JsonException)
        {
            return false;
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(bytes);
        }
    }
}
