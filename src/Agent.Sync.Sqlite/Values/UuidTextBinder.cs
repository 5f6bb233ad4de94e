using System.Text;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

internal sealed class UuidTextBinder : ColumnBinder
{
    private const int Length = 36;

    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        Span<byte> upper = stackalloc byte[Length];
        if (!TryGetText(cell, scratch, out var text)
            || text.Length != Length
            || Ascii.ToUpper(text, upper, out _) != System.Buffers.OperationStatus.Done)
        {
            return false;
        }

        statement.BindText(index, upper);
        return true;
    }
}
