using System.Text;
using System.Text.Json;

namespace Agent.Sync;

/// <summary>One value of a row, as the bytes the server sent. Valid until its <see cref="Page"/> is disposed.</summary>
public readonly ref struct PageCell
{
    internal PageCell(PageCellKind kind, ReadOnlySpan<byte> utf8)
    {
        Kind = kind;
        Utf8 = utf8;
    }

    /// <summary>Gets what the cell holds.</summary>
    public PageCellKind Kind { get; }

    /// <summary>Gets the value's UTF-8 bytes: a string without its quotes (still escaped for <see cref="PageCellKind.EscapedString"/>), anything else unchanged.</summary>
    public ReadOnlySpan<byte> Utf8 { get; }

    /// <summary>Gets a value indicating whether the cell is a JSON <c>null</c>.</summary>
    public bool IsNull => Kind == PageCellKind.Null;

    /// <summary>Writes a string's value, unescaped, to a buffer.</summary>
    /// <param name="destination">At least <c>Utf8.Length</c> bytes: unescaping never lengthens.</param>
    /// <returns>The number of bytes written.</returns>
    /// <exception cref="InvalidOperationException">The cell is not a string, or its escapes are not valid Unicode.</exception>
    public int CopyText(Span<byte> destination)
    {
        switch (Kind)
        {
            case PageCellKind.String:
                Utf8.CopyTo(destination);
                return Utf8.Length;
            case PageCellKind.EscapedString:
                // The quotes around an escaped string are in the same page buffer, one byte to each side.
                var quoted = System.Runtime.InteropServices.MemoryMarshal.CreateReadOnlySpan(
                    ref System.Runtime.CompilerServices.Unsafe.Subtract(
                        ref System.Runtime.InteropServices.MemoryMarshal.GetReference(Utf8), 1),
                    Utf8.Length + 2);
                var reader = new Utf8JsonReader(quoted);
                reader.Read();
                return reader.CopyString(destination);
            default:
                throw new InvalidOperationException($"A cell of kind {Kind} is not a string.");
        }
    }

    /// <summary>Returns the value as a text: a string unescaped and without its quotes, anything else as it came.</summary>
    internal string ReadText()
    {
        if (Kind != PageCellKind.EscapedString)
        {
            return Encoding.UTF8.GetString(Utf8);
        }

        var text = new byte[Utf8.Length];
        return Encoding.UTF8.GetString(text, 0, CopyText(text));
    }
}
