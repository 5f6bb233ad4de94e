using System.Buffers.Text;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

internal sealed class UuidBlobBinder : ColumnBinder
{
    private const int TextLength = 36;

    private const int Length = 16;

    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        if (!TryGetText(cell, scratch, out var text)
            || text.Length != TextLength
            || !Utf8Parser.TryParse(text, out Guid value, out _, 'D'))
        {
            return false;
        }

        // The order of Guid.ToByteArray, which GetGuid reads; PostgreSQL's own order would read as another value.
        Span<byte> bytes = stackalloc byte[Length];
        value.TryWriteBytes(bytes);
        statement.BindBlob(index, bytes);
        return true;
    }
}
