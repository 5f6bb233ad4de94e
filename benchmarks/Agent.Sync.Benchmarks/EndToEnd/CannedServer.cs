using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>Answers keyset requests over HTTP/1.1 from rows made before, in a process of its own, so that its work is not measured.</summary>
internal sealed class CannedServer
{
    /// <summary>Above this many rows they are made when they are asked for: they would not fit one array.</summary>
    private const int MostRowsKept = 1_000_000;

    private readonly string[] _keys;
    private readonly CannedRows? _kept;
    private readonly TimeSpan _latency;

    public CannedServer(int rows, TimeSpan latency)
    {
        _latency = latency;
        _keys = SampleRows.Keys(rows);
        _kept = rows <= MostRowsKept ? new CannedRows(_keys) : null;
    }

    /// <summary>Serves until standard input ends; writes the port first.</summary>
    public async Task RunAsync()
    {
        var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        await Console.Out.WriteLineAsync(((IPEndPoint)listener.LocalEndpoint).Port.ToString(CultureInfo.InvariantCulture));
        var ended = Task.Run(Console.In.ReadToEndAsync);
        while (true)
        {
            var accept = listener.AcceptTcpClientAsync();
            if (await Task.WhenAny(accept, ended) == ended)
            {
                return;
            }

            _ = ServeAsync(await accept);
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        using (client)
        {
            client.NoDelay = true;
            var stream = client.GetStream();
            var buffer = new byte[16 * 1024];
            var filled = 0;
            try
            {
                while (true)
                {
                    var read = await stream.ReadAsync(buffer.AsMemory(filled));
                    if (read == 0)
                    {
                        return;
                    }

                    filled += read;
                    if (buffer.AsSpan(0, filled).IndexOf("\r\n\r\n"u8) < 0)
                    {
                        continue;
                    }

                    var answer = Find(Encoding.ASCII.GetString(buffer, 0, filled));
                    filled = 0;
                    if (_latency > TimeSpan.Zero)
                    {
                        await Task.Delay(_latency);
                    }

                    await stream.WriteAsync(Head(answer));
                    await stream.WriteAsync(answer.Body);
                }
            }
            catch (IOException)
            {
                // The client left.
            }
        }
    }

    private byte[] Head(CannedAnswer answer)
    {
        var range = answer.Rows == 0 ? $"*/{_keys.Length}" : $"0-{answer.Rows - 1}/{_keys.Length}";
        return Encoding.ASCII.GetBytes(
            $"HTTP/1.1 200 OK\r\nDate: {DateTime.UtcNow:R}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Range: {range}\r\nContent-Length: {answer.Body.Length}\r\n\r\n");
    }

    private CannedAnswer Find(string request)
    {
        // A delta finds nothing new; a backfill names the key it goes on after, and perhaps the last one.
        if (request.Contains("order=updated_at", StringComparison.Ordinal))
        {
            return CannedAnswer.Empty;
        }

        var start = KeyIn(request, "id=gt.") is { } after ? CountUpTo(after) : 0;
        var end = KeyIn(request, "id=lte.") is { } last ? CountUpTo(last) : _keys.Length;
        var count = Math.Min(end - start, LimitOf(request));
        if (request.Contains("order=id.desc", StringComparison.Ordinal))
        {
            start = end - count;
        }

        return count <= 0 ? CannedAnswer.Empty : new CannedAnswer(_kept?.Page(start, count) ?? SampleRows.Render(_keys, start, count), count);
    }

    private int CountUpTo(string key)
    {
        var found = Array.BinarySearch(_keys, key, StringComparer.Ordinal);
        return found >= 0 ? found + 1 : ~found;
    }

    private static string? KeyIn(string request, string before)
    {
        var at = request.IndexOf(before, StringComparison.Ordinal);
        return at < 0 ? null : request.Substring(at + before.Length, 36);
    }

    private static int LimitOf(string request)
    {
        var digits = request.AsSpan(request.IndexOf("limit=", StringComparison.Ordinal) + "limit=".Length);
        return int.Parse(digits[..digits.IndexOfAnyExceptInRange('0', '9')], CultureInfo.InvariantCulture);
    }
}
