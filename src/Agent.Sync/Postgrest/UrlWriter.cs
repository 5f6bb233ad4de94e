using System.Buffers;
using System.Globalization;

namespace Agent.Sync.Postgrest;

/// <summary>Writes a URL into a buffer of the caller's, which grows from the pool when it has to.</summary>
internal ref struct UrlWriter(Span<char> initial)
{
    private Span<char> _chars = initial;
    private char[]? _rented;
    private int _length;

    public void Append(scoped ReadOnlySpan<char> raw)
    {
        raw.CopyTo(Reserve(raw.Length));
        _length += raw.Length;
    }

    public void Append(int number)
    {
        number.TryFormat(Reserve(11), out var written, provider: CultureInfo.InvariantCulture);
        _length += written;
    }

    /// <summary>Percent-encodes everything but RFC 3986's unreserved characters.</summary>
    public void AppendEncoded(scoped ReadOnlySpan<char> value)
    {
        Span<byte> utf8 = stackalloc byte[4];
        foreach (var rune in value.EnumerateRunes())
        {
            if (rune.IsAscii && IsUnreserved((char)rune.Value))
            {
                Reserve(1)[0] = (char)rune.Value;
                _length++;
                continue;
            }

            foreach (var octet in utf8[..rune.EncodeToUtf8(utf8)])
            {
                var escape = Reserve(3);
                escape[0] = '%';
                octet.TryFormat(escape[1..], out _, "X2", CultureInfo.InvariantCulture);
                _length += 3;
            }
        }
    }

    /// <summary>Writes a value inside <c>or()</c> or <c>and()</c>: double-quoted, with <c>\"</c> and <c>\\</c> (PostgREST manual, "Reserved characters").</summary>
    public void AppendQuoted(scoped ReadOnlySpan<char> value)
    {
        Append("%22");
        while (value.IndexOfAny('"', '\\') is var special and >= 0)
        {
            AppendEncoded(value[..special]);
            Append(value[special] == '"' ? "%5C%22" : "%5C%5C");
            value = value[(special + 1)..];
        }

        AppendEncoded(value);
        Append("%22");
    }

    /// <summary>Returns how many characters <see cref="AppendQuoted"/> writes.</summary>
    public static int QuotedLength(ReadOnlySpan<char> value)
    {
        var length = 2 * "%22".Length;
        foreach (var rune in value.EnumerateRunes())
        {
            length += rune.Value is '"' or '\\' ? 2 * "%22".Length
                : rune.IsAscii && IsUnreserved((char)rune.Value) ? 1
                : 3 * rune.Utf8SequenceLength;
        }

        return length;
    }

    /// <summary>Returns what was written and gives the buffer back. The writer is not to be used afterwards.</summary>
    public string Finish()
    {
        var text = _chars[.._length].ToString();
        if (_rented is not null)
        {
            ArrayPool<char>.Shared.Return(_rented);
            _rented = null;
        }

        return text;
    }

    private static bool IsUnreserved(char character) => char.IsAsciiLetterOrDigit(character) || character is '-' or '.' or '_' or '~';

    private Span<char> Reserve(int count)
    {
        if (_chars.Length - _length < count)
        {
            var larger = ArrayPool<char>.Shared.Rent(Math.Max(_chars.Length * 2, _length + count));
            _chars[.._length].CopyTo(larger);
            if (_rented is not null)
            {
                ArrayPool<char>.Shared.Return(_rented);
            }

            _chars = _rented = larger;
        }

        return _chars[_length..];
    }
}
