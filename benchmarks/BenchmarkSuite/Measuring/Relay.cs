using System.Net;
using System.Net.Sockets;
using System.Threading.Channels;

namespace BenchmarkSuite.Measuring;

/// <summary>
/// Stands between a peer and the server: counts requests and bytes, and holds what the peer sends back for a while, as a distance would. It delays each piece from
/// when it came, so that a body of many pieces waits once.
/// </summary>
internal sealed class Relay : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _ending = new();
    private readonly int _serverPort;
    private readonly TimeSpan _latency;
    private readonly Task _accepting;
    private long _requests;
    private long _bytesUp;
    private long _bytesDown;

    public Relay(int serverPort, TimeSpan latency = default)
    {
        _serverPort = serverPort;
        _latency = latency;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public int Port => ((IPEndPoint)_listener.LocalEndpoint).Port;

    /// <summary>Returns what has passed since it was asked last.</summary>
    public Traffic TakeTraffic() => new(Interlocked.Exchange(ref _requests, 0), Interlocked.Exchange(ref _bytesUp, 0), Interlocked.Exchange(ref _bytesDown, 0));

    public async ValueTask DisposeAsync()
    {
        await _ending.CancelAsync();
        _listener.Dispose();
        await _accepting;
        _ending.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                _ = ServeAsync(await _listener.AcceptTcpClientAsync(_ending.Token));
            }
        }
        catch (Exception exception) when (exception is OperationCanceledException or ObjectDisposedException or SocketException)
        {
            // It was told to end.
        }
    }

    private async Task ServeAsync(TcpClient peer)
    {
        using (peer)
        using (TcpClient server = new())
        {
            try
            {
                await server.ConnectAsync(IPAddress.Loopback, _serverPort, _ending.Token);
                peer.NoDelay = server.NoDelay = true;
                await Task.WhenAny(SendUpAsync(peer.GetStream(), server.GetStream()), SendDownAsync(server.GetStream(), peer.GetStream()));
            }
            catch (Exception exception) when (exception is IOException or SocketException or OperationCanceledException)
            {
                // One side has left.
            }
        }
    }

    private async Task SendUpAsync(NetworkStream from, NetworkStream to)
    {
        var pieces = Channel.CreateUnbounded<(DateTime Due, byte[] Bytes)>();
        var sending = ForwardAsync(pieces.Reader, to);
        RequestCounter counter = new();
        var buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, _ending.Token)) > 0;)
        {
            Interlocked.Add(ref _bytesUp, read);
            Interlocked.Add(ref _requests, counter.Count(buffer.AsSpan(0, read)));
            pieces.Writer.TryWrite((DateTime.UtcNow + _latency, buffer[..read]));
        }

        pieces.Writer.Complete();
        await sending;
    }

    private async Task ForwardAsync(ChannelReader<(DateTime Due, byte[] Bytes)> pieces, NetworkStream to)
    {
        await foreach (var (due, bytes) in pieces.ReadAllAsync(_ending.Token))
        {
            var wait = due - DateTime.UtcNow;
            if (_latency > TimeSpan.Zero && wait > TimeSpan.Zero)
            {
                await Task.Delay(wait, _ending.Token);
            }

            await to.WriteAsync(bytes, _ending.Token);
        }
    }

    private async Task SendDownAsync(NetworkStream from, NetworkStream to)
    {
        var buffer = new byte[64 * 1024];
        for (int read; (read = await from.ReadAsync(buffer, _ending.Token)) > 0;)
        {
            Interlocked.Add(ref _bytesDown, read);
            await to.WriteAsync(buffer.AsMemory(0, read), _ending.Token);
        }
    }
}
