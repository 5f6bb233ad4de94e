using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

/// <param name="write">Writes the local form; returns 0 for a text that has none.</param>
internal sealed class TimeBinder(Func<ReadOnlySpan<byte>, Span<byte>, int> write) : ColumnBinder
{
    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        if (!TryGetText(cell, scratch, out var text))
        {
            return false;
        }

        Span<byte> room = stackalloc byte[TimeText.MaxLength];
        var written = write(text, room);
        statement.BindText(index, written == 0 ? text : room[..written]);
        return true;
    }
}
