using System.IO.Compression;
using System.Text;

namespace Agent.Sync.Tests.Attack;

/// <content>Answers that end too early, too late or never, and heads that are no heads.</content>
internal static partial class Strikes
{
    private const string Ok = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n";

    // 16 MiB of blanks in a few kilobytes: 256 times what a page may have.
    private const int BombBytes = 16 * 1024 * 1024;

    private static readonly Lazy<byte[]> GzipBomb = new(static () => Compress(static inner => new GZipStream(inner, CompressionLevel.Fastest), Blanks(BombBytes)));
    private static readonly Lazy<byte[]> BrotliBomb = new(static () => Compress(static inner => new BrotliStream(inner, CompressionLevel.Fastest), Blanks(BombBytes)));
    private static readonly Lazy<byte[]> DeflateBomb = new(static () => Compress(static inner => new ZLibStream(inner, CompressionLevel.Fastest), Blanks(BombBytes)));

    public static IEnumerable<Strike> Framing =>
    [
        new("nothing, and the connection stays", static exchange => exchange.StayAsync()),
        new("nothing, and the connection ends", static _ => Task.CompletedTask),
        new("reset before the head", static exchange => Do(exchange.Reset)),
        new("reset within the head", static exchange => ThenAsync(exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Ty"), exchange.Reset)),
        new("end within the head", static exchange => exchange.SendAsync("HTTP/1.1 200 OK\r\nContent-Ty")),
        new("the head, and the connection stays", static exchange => ThenAsync(exchange.SendAsync(Ok + "Content-Length: 100\r\n\r\n"), exchange.StayAsync)),
        new("half a body, and the connection stays", static exchange => ThenAsync(exchange.SendAsync(Ok + "Content-Length: 100\r\n\r\n[{"), exchange.StayAsync)),
        new("half a body, and the connection ends", static exchange => exchange.SendAsync(Ok + "Content-Length: 100\r\n\r\n[{")),
        new("half a body, and a reset", static exchange => ThenAsync(exchange.SendAsync(Ok + "Content-Length: 100\r\n\r\n[{"), exchange.Reset)),
        new("a body without its end mark", static exchange => exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\n4\r\n[{}]\r\n")),
        new("a chunk that is cut", static exchange => exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\n40\r\n[{}]")),
        new("a chunk whose length is no number", static exchange => exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\nzz\r\n[]\r\n0\r\n\r\n")),
        new("a chunk whose length is negative", static exchange => exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\n-2\r\n[]\r\n0\r\n\r\n")),
        new("a chunk of 2^63 bytes", static exchange => exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\n8000000000000000\r\n[]\r\n0\r\n\r\n")),
        new("a length beyond the cap", static exchange => exchange.SendAsync(Ok + "Content-Length: 9000000000000000000\r\n\r\n[]")),
        new("a negative length", static exchange => exchange.SendAsync(Ok + "Content-Length: -2\r\n\r\n[")),
        new("a length that is no number", static exchange => exchange.SendAsync(Ok + "Content-Length: two\r\n\r\n[")),
        new("two lengths", static exchange => exchange.SendAsync(Ok + "Content-Length: 1\r\nContent-Length: 300\r\n\r\n[")),
        new("a length that is too short", static exchange => exchange.SendAsync(Ok + "Content-Length: 1\r\n\r\n[]")),
        new("a length and chunks", static exchange => exchange.SendAsync(Ok + "Content-Length: 2\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n[\r\n0\r\n\r\n")),
        new("an endless body", static exchange => ThenAsync(exchange.SendAsync(Ok + "\r\n["), () => exchange.ForeverAsync(new string(' ', 8192)))),
        new("endless chunks", static exchange => ThenAsync(exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\n"), () => exchange.ForeverAsync("2000\r\n" + new string(' ', 8192) + "\r\n"))),
        new("endless chunks of one byte", static exchange => ThenAsync(exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\n"), () => exchange.ForeverAsync("1\r\n \r\n"))),
        new("an endless chunk extension", static exchange => ThenAsync(exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\n1;"), () => exchange.ForeverAsync(new string('x', 4096)))),
        new("endless trailers", static exchange => ThenAsync(exchange.SendAsync(Ok + "Transfer-Encoding: chunked\r\n\r\n2\r\n[]\r\n0\r\n"), () => exchange.ForeverAsync("X-A: 1\r\n"))),
        new("endless headers", static exchange => ThenAsync(exchange.SendAsync(Ok), () => exchange.ForeverAsync("X-A: 1\r\n"))),
        new("an endless header", static exchange => ThenAsync(exchange.SendAsync(Ok + "X-A: "), () => exchange.ForeverAsync(new string('x', 4096)))),
        new("an endless status line", static exchange => ThenAsync(exchange.SendAsync("HTTP/1.1 200 "), () => exchange.ForeverAsync(new string('x', 4096)))),
        new("endless interim answers", static exchange => exchange.ForeverAsync("HTTP/1.1 100 Continue\r\n\r\n")),
        new("endless early hints", static exchange => exchange.ForeverAsync("HTTP/1.1 103 Early Hints\r\nLink: <http://localhost:1/x>; rel=preload\r\n\r\n")),
        new("a head that drips", static exchange => exchange.DripAsync(Encoding.ASCII.GetBytes(Ok))),
        new("a body that drips", static exchange => ThenAsync(exchange.SendAsync(Ok + "Content-Length: 60000\r\n\r\n"), () => exchange.DripAsync("[ "u8.ToArray()))),
        new("an error whose body drips", static exchange => ThenAsync(exchange.SendAsync("HTTP/1.1 500 X\r\nContent-Type: application/json\r\nContent-Length: 60000\r\n\r\n"), () => exchange.DripAsync("{ "u8.ToArray()))),
        new("an endless error", static exchange => ThenAsync(exchange.SendAsync("HTTP/1.1 500 X\r\nContent-Type: application/json\r\n\r\n{\"message\":\""), () => exchange.ForeverAsync(new string('x', 8192)))),
        new("an endless error page", static exchange => ThenAsync(exchange.SendAsync("HTTP/1.1 502 X\r\nContent-Type: text/html\r\n\r\n"), () => exchange.ForeverAsync(new string('x', 8192)))),
        new("a gzip bomb", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", GzipBomb.Value)),
        new("a brotli bomb", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: br\r\n", BrotliBomb.Value)),
        new("a deflate bomb", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: deflate\r\n", DeflateBomb.Value)),
        new("a bomb in an error", static exchange => exchange.AnswerAsync(500, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", GzipBomb.Value)),
        new("a bomb in a bomb", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: gzip, gzip\r\n", Compress(static inner => new GZipStream(inner, CompressionLevel.Fastest), GzipBomb.Value))),
        new("an endless gzip", static exchange => ThenAsync(exchange.SendAsync(Ok + "Content-Encoding: gzip\r\n\r\n"), () => exchange.ForeverAsync(Encoding.Latin1.GetString(GzipBomb.Value)))),
        new("gzip that is none", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", exchange.Honest.Body)),
        new("brotli that is none", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: br\r\n", exchange.Honest.Body)),
        new("gzip that is cut", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", Compress(static inner => new GZipStream(inner, CompressionLevel.Fastest), exchange.Honest.Body).AsMemory()[..^12])),
        new("gzip with a wrong checksum", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: gzip\r\n", Flip(Compress(static inner => new GZipStream(inner, CompressionLevel.Fastest), exchange.Honest.Body), ^6))),
        new("an encoding that nobody knows", static exchange => exchange.AnswerAsync(200, "Content-Type: application/json\r\nContent-Encoding: zstd\r\n", Compress(static inner => new GZipStream(inner, CompressionLevel.Fastest), exchange.Honest.Body))),
        .. new[]
        {
            "HTTP/9.9 200 OK\r\n\r\n", "HTTP/1.1 99 X\r\n\r\n", "HTTP/1.1 1000 X\r\n\r\n", "HTTP/1.1 -20 X\r\n\r\n", "HTTP/1.1 two X\r\n\r\n", "ICY 200 OK\r\n\r\n[]", "[]", "\0\0\0\0\0\0\0\0\0\0\0\0", "\r\n\r\n\r\n",
            "\u0016\u0003\u0001\u0002\0\u0001\0\u0001\u00fc\u0003\u0003", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "HTTP/1.1 200 OK\r\nno colon\r\n\r\n[]", "HTTP/1.1 200 OK\r\n: no name\r\n\r\n[]", "HTTP/1.1 200 OK\r\nX A: b\r\n\r\n[]",
            "HTTP/1.1 200 OK\r\nX-A: a\0b\r\nContent-Type: text/html\r\nContent-Length: 2\r\n\r\n[]", "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n\r\n[]", "HTTP/1.1 200\r\nContent-Type: text/html\r\n\r\n",
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nTransfer-Encoding: gzip\r\n\r\n{", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n X: folded\r\n\r\n{",
        }.Select(static (head, number) => new Strike($"head {number} that is none", exchange => exchange.SendAsync(head))),
    ];

    private static byte[] Blanks(int count)
    {
        var bytes = new byte[count];
        Array.Fill(bytes, (byte)' ');
        return bytes;
    }

    private static byte[] Compress(Func<Stream, Stream> make, byte[] bytes)
    {
        using var inner = new MemoryStream();
        using (var outer = make(inner))
        {
            outer.Write(bytes);
        }

        return inner.ToArray();
    }

    private static byte[] Flip(byte[] bytes, Index index)
    {
        bytes[index] ^= 0xFF;
        return bytes;
    }

    private static Task Do(Action action)
    {
        action();
        return Task.CompletedTask;
    }

    private static Task ThenAsync(Task first, Action then) => ThenAsync(first, () => Do(then));

    private static async Task ThenAsync(Task first, Func<Task> then)
    {
        await first;
        await then();
    }
}
