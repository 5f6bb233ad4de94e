namespace Agent.Sync.Push.Rows;

/// <summary>Compares decimal numbers of any length by their digits: <c>1.50</c>, <c>15e-1</c> and <c>+1.5</c> are the same.</summary>
internal static class DecimalText
{
    public static bool AreSame(ReadOnlySpan<byte> left, ReadOnlySpan<byte> right) =>
        TryRead(left, out var one) && TryRead(right, out var other)
        && one.Exponent == other.Exponent
        && (one.IsNegative == other.IsNegative || one.Digits == 0)
        && one.Digits == other.Digits
        && SameDigits(left, one, right, other);

    private static bool SameDigits(ReadOnlySpan<byte> left, Number one, ReadOnlySpan<byte> right, Number other)
    {
        var (i, j) = (one.First, other.First);
        for (var digit = 0; digit < one.Digits; digit++)
        {
            i += left[i] == '.' ? 1 : 0;
            j += right[j] == '.' ? 1 : 0;
            if (left[i++] != right[j++])
            {
                return false;
            }
        }

        return true;
    }

    private static bool TryRead(ReadOnlySpan<byte> text, out Number number)
    {
        number = default;
        var at = text is [(byte)'-' or (byte)'+', ..] ? 1 : 0;
        var isNegative = at == 1 && text[0] == '-';
        var (first, digits, trailingZeros, whole, any) = (-1, 0, 0, 0, false);
        var point = false;
        for (; at < text.Length && (char.IsAsciiDigit((char)text[at]) || (text[at] == '.' && !point)); at++)
        {
            if (text[at] == '.')
            {
                point = true;
                continue;
            }

            any = true;
            whole -= point ? 1 : 0;
            if (first < 0 && text[at] == '0')
            {
                continue;
            }

            first = first < 0 ? at : first;
            digits++;
            trailingZeros = text[at] == '0' ? trailingZeros + 1 : 0;
        }

        var exponent = 0;
        if (!any || (at < text.Length && !TryReadExponent(text[at..], out exponent)))
        {
            return false;
        }

        digits -= trailingZeros;
        number = digits == 0 ? default : new Number(isNegative, first, digits, whole + trailingZeros + exponent);
        return true;
    }

    private static bool TryReadExponent(ReadOnlySpan<byte> text, out int exponent)
    {
        exponent = 0;
        return text is [(byte)'e' or (byte)'E', ..]
            && int.TryParse(text[1..], System.Globalization.NumberStyles.AllowLeadingSign, System.Globalization.CultureInfo.InvariantCulture, out exponent)
            && Math.Abs((long)exponent) < 1_000_000;
    }

    /// <param name="IsNegative">Whether it is below zero.</param>
    /// <param name="First">Where the first digit stands that counts.</param>
    /// <param name="Digits">How many digits count.</param>
    /// <param name="Exponent">The power of ten of the last one.</param>
    private readonly record struct Number(bool IsNegative, int First, int Digits, int Exponent);
}
