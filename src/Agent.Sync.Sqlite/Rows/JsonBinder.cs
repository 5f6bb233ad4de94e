using Agent.Sync.Sqlite.Database;
using Agent.Sync.Sqlite.Values;

namespace Agent.Sync.Sqlite.Rows;

/// <summary>Keeps the server's own bytes: numbers keep their digits, strings their escapes.</summary>
internal sealed class JsonBinder : ColumnBinder
{
    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        statement.BindText(index, cell.Utf8);
        return true;
    }
}
