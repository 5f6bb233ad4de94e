using System.Text;

namespace Peers;

/// <summary>What a loop that parses nothing needs of a page of artifacts: its rows and its last key.</summary>
internal static class PageTail
{
    /// <summary>Counts the rows and finds the last key, from the end. Null for an empty page.</summary>
    public static (long Rows, string Key)? Find(ReadOnlySpan<byte> json)
    {
        var id = json.LastIndexOf("{\"id\":\""u8);
        return id < 0 ? null : (json.Count("\"owner_id\":"u8), Encoding.ASCII.GetString(json.Slice(id + "{\"id\":\"".Length, 36)));
    }
}
