using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

internal sealed class TextBinder : ColumnBinder
{
    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        if (!TryGetText(cell, scratch, out var text))
        {
            return false;
        }

        statement.BindText(index, text);
        return true;
    }
}
