using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

/// <summary>Keeps the server's own bytes: numbers keep their digits, strings their escapes.</summary>
internal sealed class JsonBinder : ColumnBinder
{
    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        statement.BindText(index, cell.Utf8);
        return true;
    }
}
