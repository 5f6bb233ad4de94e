namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>Every row's JSON one after the other, so that any page is one piece of it.</summary>
internal sealed class CannedRows
{
    private readonly byte[] _json;
    private readonly int[] _starts;

    public CannedRows(string[] keys)
    {
        _starts = new int[keys.Length + 1];
        using var json = new MemoryStream();
        for (var row = 0; row < keys.Length; row++)
        {
            _starts[row] = (int)json.Length;
            json.Write(SampleRows.Render(keys, row, 1).AsSpan()[1..^1]);
            json.WriteByte((byte)',');
        }

        _starts[^1] = (int)json.Length;
        _json = json.ToArray();
    }

    public byte[] Page(int start, int count)
    {
        // Without the comma after the last row.
        var rows = _json.AsSpan(_starts[start].._starts[start + count])[..^1];
        return [(byte)'[', .. rows, (byte)']'];
    }
}
