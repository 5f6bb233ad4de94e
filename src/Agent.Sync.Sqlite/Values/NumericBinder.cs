using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

internal sealed class NumericBinder : ColumnBinder
{
    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        if (!TryGetText(cell, scratch, out var number))
        {
            return false;
        }

        Span<byte> room = stackalloc byte[NumericText.MaxLength];
        statement.BindText(index, NumericText.TryWrite(number, room, out var written) ? room[..written] : number);
        return true;
    }
}
