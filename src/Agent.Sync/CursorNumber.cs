using System.Buffers.Text;
using System.Globalization;

namespace Agent.Sync;

/// <summary>
/// Maps the values of an ordering column to whole numbers, to compare and to bound them: a timestamp's microseconds since
/// 1970, or the integer itself. No value of either type is rounded.
/// </summary>
internal static class CursorNumber
{
    public static bool TryParse(ColumnType type, ReadOnlySpan<byte> text, out long number) => type == ColumnType.Integer
        ? Utf8Parser.TryParse(text, out number, out var length) && length == text.Length
        : TimestampText.TryParse(text, out number);

    public static bool TryParse(ColumnType type, string text, out long number) => type == ColumnType.Integer
        ? long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out number)
        : TimestampText.TryParse(text, out number);

    public static string FormatInteger(long number) => number.ToString(CultureInfo.InvariantCulture);
}
