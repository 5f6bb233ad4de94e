using System.Buffers.Text;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

/// <summary>SQLite has infinities, but turns a NaN into NULL; any other stand-in would read as a number that is not there.</summary>
internal sealed class DoubleBinder : ColumnBinder
{
    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        if (cell.Kind == PageCellKind.Number)
        {
            return TryBindNumber(statement, index, cell.Utf8);
        }

        if (!TryGetText(cell, scratch, out var text))
        {
            return false;
        }

        if (text.SequenceEqual("NaN"u8))
        {
            statement.BindNull(index);
            return true;
        }

        if (text.SequenceEqual("Infinity"u8) || text.SequenceEqual("-Infinity"u8))
        {
            statement.Bind(index, text[0] == (byte)'-' ? double.NegativeInfinity : double.PositiveInfinity);
            return true;
        }

        return false;
    }

    private static bool TryBindNumber(SqliteStatement statement, int index, ReadOnlySpan<byte> digits)
    {
        if (!Utf8Parser.TryParse(digits, out double value, out var consumed) || consumed != digits.Length)
        {
            return false;
        }

        statement.Bind(index, value);
        return true;
    }
}
