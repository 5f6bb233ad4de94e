using System.Buffers;
using System.Globalization;

namespace Agent.Sync.Verify;

/// <summary>Writes a decimal number as PostgreSQL's numeric does: without an exponent, a plus or a needless zero in front.</summary>
internal static class CanonicalNumber
{
    // PostgreSQL's numeric has no more digits than this on either side of the point.
    private const int MostDigits = 131_072;

    /// <param name="text">A JSON number, or the server's text of a numeric.</param>
    /// <param name="trims">Whether zeros at the end of the fraction go too.</param>
    /// <param name="output">Gets the number. A text that is not a number is copied as it is.</param>
    public static void Write(ReadOnlySpan<byte> text, bool trims, IBufferWriter<byte> output)
    {
        var isNegative = text is [(byte)'-', ..];
        var exponentAt = text.IndexOfAny((byte)'e', (byte)'E');
        var mantissa = (exponentAt < 0 ? text : text[..exponentAt])[(isNegative ? 1 : 0)..];
        var point = mantissa.IndexOf((byte)'.');
        var whole = point < 0 ? mantissa : mantissa[..point];
        var fraction = point < 0 ? default : mantissa[(point + 1)..];
        var exponent = 0;
        if (whole.IsEmpty || whole.ContainsAnyExceptInRange((byte)'0', (byte)'9') || fraction.ContainsAnyExceptInRange((byte)'0', (byte)'9')
            || (exponentAt >= 0 && !int.TryParse(text[(exponentAt + 1)..], NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out exponent))
            || exponent is > MostDigits or < -MostDigits)
        {
            output.Write(text);
            return;
        }

        byte[] digits = [.. whole, .. fraction];
        Write(digits, whole.Length + exponent, Math.Max(0, fraction.Length - exponent), isNegative, trims, output);
    }

    private static void Write(byte[] digits, int point, int scale, bool isNegative, bool trims, IBufferWriter<byte> output)
    {
        while (trims && scale > 0 && DigitAt(digits, point + scale - 1) == '0')
        {
            scale--;
        }

        if (isNegative && digits.AsSpan().ContainsAnyExcept((byte)'0'))
        {
            output.Write("-"u8);
        }

        var first = 0;
        while (first < point - 1 && DigitAt(digits, first) == '0')
        {
            first++;
        }

        var length = Math.Max(1, point - first);
        var room = output.GetSpan(length + 1 + scale);
        for (var index = 0; index < length; index++)
        {
            room[index] = point <= 0 ? (byte)'0' : DigitAt(digits, first + index);
        }

        if (scale > 0)
        {
            room[length++] = (byte)'.';
            for (var index = 0; index < scale; index++)
            {
                room[length++] = DigitAt(digits, point + index);
            }
        }

        output.Advance(length);
    }

    private static byte DigitAt(byte[] digits, int index) => index >= 0 && index < digits.Length ? digits[index] : (byte)'0';
}
