using System.Buffers;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Sending;

/// <summary>Writes the body of a bulk insert or upsert: an array of the changes' own JSON.</summary>
internal static class BulkBody
{
    /// <param name="body">Where to.</param>
    /// <param name="changes">Changes with the same columns.</param>
    /// <param name="addsKey">Whether their values come without the key, as an update's do.</param>
    public static void Write(PooledBytes body, ReadOnlySpan<PendingChange> changes, bool addsKey)
    {
        body.Write("["u8);
        for (var index = 0; index < changes.Length; index++)
        {
            if (index > 0)
            {
                body.Write(","u8);
            }

            ref readonly var change = ref changes[index];
            if (addsKey)
            {
                WriteJoined(body, change.Key.Span, change.Row.Span);
            }
            else
            {
                body.Write(change.Row.Span);
            }
        }

        body.Write("]"u8);
    }

    private static void WriteJoined(PooledBytes body, ReadOnlySpan<byte> key, ReadOnlySpan<byte> row)
    {
        body.Write(key[..key.LastIndexOf((byte)'}')]);
        var members = row[(row.IndexOf((byte)'{') + 1)..];
        body.Write(members.TrimStart(" \t\r\n"u8) is [(byte)'}', ..] ? ""u8 : ","u8);
        body.Write(members);
    }
}
