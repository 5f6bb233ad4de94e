namespace BenchmarkSuite.Measuring;

/// <summary>Counts the request lines in what a client of HTTP/1.1 sends, also where one is cut in two.</summary>
internal sealed class RequestCounter
{
    private static ReadOnlySpan<byte> Mark => " HTTP/1.1\r\n"u8;

    private int _matched;

    public int Count(ReadOnlySpan<byte> bytes)
    {
        var requests = 0;
        foreach (var value in bytes)
        {
            // Only the mark's first byte can begin it anew.
            _matched = value == Mark[_matched] ? _matched + 1 : value == Mark[0] ? 1 : 0;
            if (_matched == Mark.Length)
            {
                requests++;
                _matched = 0;
            }
        }

        return requests;
    }
}
