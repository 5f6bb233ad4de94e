using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Agent.Sync.Tests.Attack;

/// <summary>A server on loopback that reads one request of each connection and lets a test write whatever bytes it likes.</summary>
internal sealed class RawServer : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentBag<Task> _served = [];
    private readonly Func<TcpClient, RawRequest, CancellationToken, Task> _answer;
    private readonly Task _accepting;
    private int _connections;

    public RawServer(Func<TcpClient, RawRequest, CancellationToken, Task> answer)
    {
        _answer = answer;
        _listener.Start();
        _accepting = AcceptAsync();
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Gets how many connections were made, with or without a request.</summary>
    public int Connections => Volatile.Read(ref _connections);

    public async ValueTask DisposeAsync()
    {
        await _over.CancelAsync();
        _listener.Stop();
        await _accepting;
        await Task.WhenAll(_served);
        _over.Dispose();
    }

    private async Task AcceptAsync()
    {
        try
        {
            while (true)
            {
                var client = await _listener.AcceptTcpClientAsync(_over.Token);
                Interlocked.Increment(ref _connections);
                _served.Add(ServeAsync(client));
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client)
    {
        await Task.Yield();
        using (client)
        {
            try
            {
                client.NoDelay = true;
                if (await RawRequest.ReadAsync(client.GetStream(), _over.Token) is { } request)
                {
                    await _answer(client, request, _over.Token);
                }
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or OperationCanceledException)
            {
                // The client has hung up, as it should on such answers.
            }
        }
    }
}
