using System.Buffers.Text;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

internal sealed class IntegerBinder : ColumnBinder
{
    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        if (!Utf8Parser.TryParse(cell.Utf8, out long value, out var consumed) || consumed != cell.Utf8.Length)
        {
            return false;
        }

        statement.Bind(index, value);
        return true;
    }
}
