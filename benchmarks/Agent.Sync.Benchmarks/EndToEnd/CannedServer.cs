using System.Globalization;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>Answers keyset requests with prebuilt pages over HTTP/1.1, in a process of its own, so that its work is not measured.</summary>
internal sealed class CannedServer
{
    private readonly Dictionary<string, byte[]> _answers = new(StringComparer.Ordinal);
    private readonly byte[] _first;
    private readonly byte[] _empty;
    private readonly TimeSpan _latency;

    public CannedServer(int rows, int pageSize, TimeSpan latency)
    {
        _latency = latency;
        var pages = SampleRows.Pages(rows, pageSize);
        _empty = Answer([.. "[]"u8], 0, rows);
        _first = Answer(pages[0].Json, pages[0].Rows, rows);
        for (var page = 0; page < pages.Count; page++)
        {
            _answers[pages[page].LastKey] = page + 1 < pages.Count ? Answer(pages[page + 1].Json, pages[page + 1].Rows, rows) : _empty;
        }
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

    private static byte[] Answer(byte[] body, int rows, int total)
    {
        var range = rows == 0 ? $"*/{total}" : $"0-{rows - 1}/{total}";
        var head = $"HTTP/1.1 200 OK\r\nDate: {DateTime.UtcNow:R}\r\nContent-Type: application/json; charset=utf-8\r\nContent-Range: {range}\r\nContent-Length: {body.Length}\r\n\r\n";
        return [.. Encoding.ASCII.GetBytes(head), .. body];
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

                    await stream.WriteAsync(answer);
                }
            }
            catch (IOException)
            {
                // The client left.
            }
        }
    }

    private byte[] Find(string request)
    {
        // A delta finds nothing new; a backfill names the key it goes on after.
        if (request.Contains("order=updated_at", StringComparison.Ordinal))
        {
            return _empty;
        }

        var after = request.IndexOf("id=gt.", StringComparison.Ordinal);
        return after < 0 ? _first : _answers[request.Substring(after + "id=gt.".Length, 36)];
    }
}
