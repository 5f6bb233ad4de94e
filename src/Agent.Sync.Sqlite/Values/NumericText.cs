namespace Agent.Sync.Sqlite.Values;

/// <summary>The text that a <see cref="decimal"/> parameter of Microsoft.Data.Sqlite has: "0.0" with up to 28 digits after the point.</summary>
internal static class NumericText
{
    /// <summary>Sign, 29 digits, point and a zero.</summary>
    public const int MaxLength = 64;

    private const int MaxScale = 28;

    private const int MaxDigits = 29;

    private static ReadOnlySpan<byte> MaxCoefficient => "79228162514264337593543950335"u8;

    /// <summary>Writes the text of a number that fits a decimal without loss.</summary>
    /// <param name="number">The server's text.</param>
    /// <param name="destination">At least <see cref="MaxLength"/> bytes.</param>
    /// <param name="written">The bytes written.</param>
    /// <returns>False for anything else: exponents, NaN, infinities, and numbers too long, whose digits are kept as they are.</returns>
    public static bool TryWrite(ReadOnlySpan<byte> number, Span<byte> destination, out int written)
    {
        written = 0;
        var isNegative = !number.IsEmpty && number[0] == (byte)'-';
        var digits = isNegative ? number[1..] : number;
        var point = digits.IndexOf((byte)'.');
        var whole = point < 0 ? digits : digits[..point];
        var fraction = point < 0 ? default : digits[(point + 1)..];
        if (whole.IsEmpty || !IsDigits(whole) || !IsDigits(fraction))
        {
            return false;
        }

        whole = whole.TrimStart((byte)'0');
        fraction = fraction.TrimEnd((byte)'0');
        if (!Fits(whole, fraction))
        {
            return false;
        }

        if (isNegative)
        {
            destination[written++] = (byte)'-';
        }

        written += Append(whole, destination[written..]);
        destination[written++] = (byte)'.';
        written += Append(fraction, destination[written..]);
        return true;
    }

    private static bool IsDigits(ReadOnlySpan<byte> text) => !text.ContainsAnyExceptInRange((byte)'0', (byte)'9');

    private static int Append(ReadOnlySpan<byte> digits, Span<byte> destination)
    {
        if (digits.IsEmpty)
        {
            destination[0] = (byte)'0';
            return 1;
        }

        digits.CopyTo(destination);
        return digits.Length;
    }

    private static bool Fits(ReadOnlySpan<byte> whole, ReadOnlySpan<byte> fraction)
    {
        var significant = whole.IsEmpty ? fraction.TrimStart((byte)'0') : fraction;
        var length = whole.Length + significant.Length;
        if (fraction.Length > MaxScale || length > MaxDigits)
        {
            return false;
        }

        if (length < MaxDigits)
        {
            return true;
        }

        Span<byte> coefficient = stackalloc byte[MaxDigits];
        whole.CopyTo(coefficient);
        significant.CopyTo(coefficient[whole.Length..]);
        return coefficient.SequenceCompareTo(MaxCoefficient) <= 0;
    }
}
