using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

internal sealed class BooleanBinder : ColumnBinder
{
    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        statement.Bind(index, cell.Kind == PageCellKind.True ? 1L : 0L);
        return true;
    }
}
