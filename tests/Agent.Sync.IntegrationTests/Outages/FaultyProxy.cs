using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;

namespace Agent.Sync.IntegrationTests.Outages;

/// <summary>A TCP proxy whose connections break by a seed: resets, ends, stalls, drips, and some that lead nowhere.</summary>
internal sealed class FaultyProxy : IAsyncDisposable
{
    private readonly TcpListener _listener = new(IPAddress.Loopback, 0);
    private readonly CancellationTokenSource _over = new();
    private readonly ConcurrentBag<Task> _served = [];
    private readonly ConcurrentDictionary<Break, int> _breaks = [];
    private readonly Uri _server;
    private readonly Random _random;
    private readonly Task _accepting;

    public FaultyProxy(Uri server, int seed)
    {
        _server = server;
        _random = new Random(seed);
        _listener.Start();
        _accepting = AcceptAsync();
    }

    private enum Break
    {
        None,
        ResetUp,
        ResetDown,
        EndDown,
        StallDown,
        DripDown,
        HalfOpen,
    }

    public Uri Url => new($"http://127.0.0.1:{((IPEndPoint)_listener.LocalEndpoint).Port}");

    /// <summary>Gets or sets a value indicating whether new connections break.</summary>
    public bool IsFaulty { get; set; }

    /// <summary>Gets how many connections broke, and in how many ways.</summary>
    public (int Connections, int Ways) Broken => (_breaks.Values.Sum(), _breaks.Count);

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

                // Drawn here, one after the other, so that a seed draws the same faults.
                var (fault, bytes) = IsFaulty && _random.Next(5) > 0 ? ((Break)_random.Next(1, 7), _random.Next(1, 4_000)) : (Break.None, 0);
                if (fault != Break.None)
                {
                    _breaks.AddOrUpdate(fault, 1, static (_, count) => count + 1);
                }

                _served.Add(ServeAsync(client, fault, bytes));
            }
        }
        catch (Exception exception) when (exception is SocketException or InvalidOperationException or OperationCanceledException)
        {
            // The test is over.
        }
    }

    private async Task ServeAsync(TcpClient client, Break fault, int bytes)
    {
        await Task.Yield();
        using var server = new TcpClient { NoDelay = true };
        using (client)
        {
            client.NoDelay = true;
            try
            {
                if (fault == Break.HalfOpen)
                {
                    await client.GetStream().CopyToAsync(Stream.Null, _over.Token);
                    return;
                }

                await server.ConnectAsync(_server.Host, _server.Port, _over.Token);
                var up = PumpAsync(client, server, fault == Break.ResetUp ? Break.ResetUp : Break.None, bytes);
                var down = PumpAsync(server, client, fault == Break.ResetUp ? Break.None : fault, bytes);
                await Task.WhenAny(up, down);
                if (fault is Break.ResetUp or Break.ResetDown)
                {
                    client.LingerState = new LingerOption(true, 0);
                }

                client.Close();
                server.Close();
                await Task.WhenAll(up, down);
            }
            catch (Exception exception) when (exception is IOException or SocketException or ObjectDisposedException or InvalidOperationException or OperationCanceledException)
            {
                // One of the sides has hung up.
            }
        }
    }

    private async Task PumpAsync(TcpClient from, TcpClient to, Break fault, int bytes)
    {
        var buffer = new byte[8192];
        var (source, target) = (from.GetStream(), to.GetStream());
        while (await source.ReadAsync(buffer, _over.Token) is var read and > 0)
        {
            var passed = fault == Break.None ? read : Math.Min(read, bytes);
            for (var sent = 0; sent < passed;)
            {
                var piece = fault == Break.DripDown ? 1 : passed - sent;
                await target.WriteAsync(buffer.AsMemory(sent, piece), _over.Token);
                sent += piece;
            }

            bytes -= fault == Break.None ? 0 : passed;
            if (fault == Break.None || bytes > 0)
            {
                continue;
            }

            if (fault is Break.StallDown or Break.DripDown)
            {
                // Nothing more comes, until the client gives up.
                await to.GetStream().CopyToAsync(Stream.Null, _over.Token);
            }

            return;
        }
    }
}
