using System.Globalization;
using System.Net.Sockets;
using System.Text;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Attack;

/// <summary>One request that is attacked: what an honest server would answer, and the means to answer otherwise.</summary>
internal sealed class Exchange(TcpClient client, HonestAnswer honest, Uri elsewhere, FakeTimeProvider time, CancellationToken over)
{
    /// <summary>Planted wherever a server may quote a row.</summary>
    public const string Canary = "canary-e41d";

    /// <summary>What an attack that never ends sends until a second has passed.</summary>
    private const int BytesPerSecond = 256 * 1024;

    /// <summary>Longer than the client waits for an answer.</summary>
    private const int LongestSeconds = 6;

    private int _passed;

    public HonestAnswer Honest => honest;

    /// <summary>Gets the host that nothing may arrive at.</summary>
    public Uri Elsewhere => elsewhere;

    public Task SendAsync(string latin1) => SendAsync(Encoding.Latin1.GetBytes(latin1));

    public async Task SendAsync(ReadOnlyMemory<byte> bytes) => await client.GetStream().WriteAsync(bytes, over);

    /// <summary>Sends a whole answer with a right length.</summary>
    public Task AnswerAsync(int status, string headers, ReadOnlyMemory<byte> body) => SendAsync((byte[])
    [
        .. Encoding.Latin1.GetBytes(string.Create(CultureInfo.InvariantCulture, $"HTTP/1.1 {status} X\r\nConnection: close\r\nContent-Length: {body.Length}\r\n{headers}\r\n")),
        .. body.Span,
    ]);

    /// <summary>Sends the same again and again, while time passes, until the client hangs up.</summary>
    public async Task ForeverAsync(string latin1)
    {
        var bytes = Encoding.Latin1.GetBytes(latin1);
        for (var sent = 0L; ; sent += bytes.Length)
        {
            await SendAsync(bytes);
            if ((sent + bytes.Length) / BytesPerSecond > sent / BytesPerSecond)
            {
                PassTime();
            }
        }
    }

    /// <summary>Sends byte after byte, a second each, until the client hangs up.</summary>
    public async Task DripAsync(ReadOnlyMemory<byte> bytes)
    {
        for (var sent = 0; ; sent++)
        {
            await SendAsync(bytes.Slice(sent % bytes.Length, 1));
            PassTime();
        }
    }

    /// <summary>Sends nothing more, and waits until the client hangs up.</summary>
    public async Task StayAsync()
    {
        for (var second = 0; second < LongestSeconds; second++)
        {
            PassTime();
        }

        _ = await client.GetStream().ReadAsync(new byte[1], over);
    }

    /// <summary>Ends the connection by a reset.</summary>
    public void Reset()
    {
        client.LingerState = new LingerOption(true, 0);
        client.Close();
    }

    // The client may have hung up already, and what it does next has a time of its own.
    private void PassTime()
    {
        if (_passed++ < LongestSeconds)
        {
            time.Advance(TimeSpan.FromSeconds(1));
        }
    }
}
