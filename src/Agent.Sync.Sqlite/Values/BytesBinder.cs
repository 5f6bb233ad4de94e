using System.Buffers;
using Agent.Sync.Sqlite.Database;

namespace Agent.Sync.Sqlite.Values;

internal sealed class BytesBinder : ColumnBinder
{
    private const int PrefixLength = 2;

    public override bool TryBind(SqliteStatement statement, int index, in PageCell cell, ScratchBuffer scratch)
    {
        // The text in the first half, its bytes in the second: the prefix holds a backslash, so it is always escaped.
        var length = cell.Utf8.Length;
        var room = scratch.Get(length * 2);
        var text = cell.Kind == PageCellKind.EscapedString ? Unescape(cell, room[..length]) : cell.Utf8;
        if (!text.StartsWith(@"\x"u8))
        {
            return false;
        }

        var bytes = room[length..];
        if (Convert.FromHexString(text[PrefixLength..], bytes, out _, out var written) != OperationStatus.Done)
        {
            return false;
        }

        statement.BindBlob(index, bytes[..written]);
        return true;
    }
}
