using System.Text;

namespace Agent.Sync.Tests.Attack;

/// <summary>A request as it came over the wire.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Target">Path and query, with the escapes that were sent.</param>
/// <param name="Headers">The headers, by their name without case.</param>
/// <param name="Body">The body; empty when there is none.</param>
internal sealed record RawRequest(string Method, string Target, IReadOnlyDictionary<string, string> Headers, byte[] Body)
{
    private const int MostHead = 64 * 1024;

    /// <summary>Reads one request whose body has a Content-Length, as all of the library's have; null when the connection ends first.</summary>
    public static async Task<RawRequest?> ReadAsync(Stream stream, CancellationToken cancellationToken)
    {
        var buffer = new byte[MostHead];
        var length = 0;
        int end;
        while ((end = buffer.AsSpan(0, length).IndexOf("\r\n\r\n"u8)) < 0)
        {
            var read = length == buffer.Length ? 0 : await stream.ReadAsync(buffer.AsMemory(length), cancellationToken);
            if (read == 0)
            {
                return null;
            }

            length += read;
        }

        var lines = Encoding.Latin1.GetString(buffer, 0, end).Split("\r\n");
        var first = lines[0].Split(' ');
        var headers = lines.Skip(1).Select(static line => line.Split(':', 2)).ToDictionary(static pair => pair[0], static pair => pair[1].Trim(), StringComparer.OrdinalIgnoreCase);
        var body = new byte[headers.TryGetValue("Content-Length", out var announced) ? int.Parse(announced, System.Globalization.CultureInfo.InvariantCulture) : 0];
        var there = buffer.AsMemory(end + 4, Math.Min(length - end - 4, body.Length));
        there.CopyTo(body);
        await stream.ReadExactlyAsync(body.AsMemory(there.Length), cancellationToken);
        return new RawRequest(first[0], first[1], headers, body);
    }
}
