using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;

namespace Agent.Sync.IntegrationTests.Privacy;

/// <summary>A server on loopback that answers as it is told, for answers that the real backend does not give.</summary>
internal sealed class ScriptedServer : IAsyncDisposable
{
    private readonly HttpListener _listener = new();
    private readonly Func<int, ScriptedAnswer> _answer;
    private readonly Task _serving;

    public ScriptedServer(Func<int, ScriptedAnswer> answer)
    {
        _answer = answer;
        Url = new Uri($"http://127.0.0.1:{FreePort()}/");
        _listener.Prefixes.Add(Url.ToString());
        _listener.Start();
        _serving = ServeAsync();
    }

    public Uri Url { get; }

    /// <summary>Gets how many requests came.</summary>
    public int Count { get; private set; }

    /// <summary>Gets what the requests brought, byte by byte as Latin-1, so that the texts in any format can be found.</summary>
    public ConcurrentQueue<string> Bodies { get; } = [];

    public async ValueTask DisposeAsync()
    {
        _listener.Close();
        await _serving;
    }

    public static int FreePort()
    {
        using var probe = new TcpListener(IPAddress.Loopback, 0);
        probe.Start();
        return ((IPEndPoint)probe.LocalEndpoint).Port;
    }

    private async Task ServeAsync()
    {
        try
        {
            while (true)
            {
                var context = await _listener.GetContextAsync();
                using (StreamReader body = new(context.Request.InputStream, Encoding.Latin1))
                {
                    Bodies.Enqueue(await body.ReadToEndAsync());
                }

                var answer = _answer(++Count);
                context.Response.StatusCode = answer.Status;
                context.Response.ContentType = answer.ContentType;
                foreach (var (name, value) in answer.Headers)
                {
                    context.Response.Headers[name] = value;
                }

                await context.Response.OutputStream.WriteAsync(Encoding.UTF8.GetBytes(answer.Body));
                context.Response.Close();
            }
        }
        catch (Exception exception) when (exception is HttpListenerException or ObjectDisposedException)
        {
            // Closed: the test is over.
        }
    }
}
