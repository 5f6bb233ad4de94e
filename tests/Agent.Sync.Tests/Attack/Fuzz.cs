using System.Globalization;
using System.Text;
using CsCheck;

namespace Agent.Sync.Tests.Attack;

/// <summary>Makes bytes that are nearly what is expected. FUZZ_CASES sets how many; CsCheck names the seed of a case that fails.</summary>
internal static class Fuzz
{
    private static readonly byte[][] Pieces =
    [
        .. new[]
        {
            "{", "}", "[", "]", ",", ":", "\"", "\\", "\\\"", "\"id\"", "\"name\"", "\"data\"", "\"amount\"", "\"on\"", "\"size\"", "\"updated_at\"", "\"code\"", "\"message\"", "\"sub\"", "\"role\"", "\"op\"", "\"row\"", "\"rows\"", "\"outcomes\"", "\"status\"", "null", "true", "false", "0", "-0", "1", "-1",
            "1.5", "1e5", "1E-400", "9223372036854775807", "9223372036854775808", "01", "1.", ".5", "+1", "NaN", "Infinity", "\"x\"", "\"\"", "\"\\u0041\"", "\"\\ud800\"", "\"\\udc00\\ud800\"", "\"\\ud83d\\ude00\"", "\"\\u0000\"", "\"i\\u0064\"", "\"2026-01-01T00:00:00+00:00\"", "\"infinity\"",
            " ", "\t", "\r\n", "//", "/**/", "'", "<html>", "\u00e4", "\ud83d\ude00", "\ufeff", "[[[[[[[[[[[[[[[[", "]]]]]]]]]]]]]]]]", "{\"a\":{\"a\":{\"a\":", "}}}", "PGRST301", "57014", "error=", ";", "*/*", "0-9/10", "GMT", "authenticated",
        }.Select(Encoding.UTF8.GetBytes),
        [0], [0xFF], [0xC3], [0xED, 0xA0, 0x80], [0xF4, 0x90, 0x80, 0x80], [0xC0, 0x80],
    ];

    /// <summary>Gets how many cases each test tries: 10,000 unless FUZZ_CASES says otherwise.</summary>
    public static int Cases => int.TryParse(Environment.GetEnvironmentVariable("FUZZ_CASES"), NumberStyles.None, CultureInfo.InvariantCulture, out var cases) ? cases : 10_000;

    /// <summary>Tries the cases: pieces in any order, and each of some good texts with a few edits.</summary>
    public static void Run(Action<byte[]> check, params string[] good)
    {
        var soup = Gen.Int[0, Pieces.Length - 1].Array[0, 30].Select(static numbers => numbers.SelectMany(static number => Pieces[number]).ToArray());
        var edit = Gen.Select(Gen.Int[0, 4], Gen.Int[0, int.MaxValue], Gen.Int[0, int.MaxValue]);
        var edited = Gen.Select(Gen.Int[0, good.Length - 1], edit.Array[0, 5]).Select((number, edits) => edits.Aggregate(Encoding.UTF8.GetBytes(good[number]), Edit));
        Gen.Frequency((1, (IGen<byte[]>)soup), (4, edited)).Sample(check, iter: Cases, threads: 1);
    }

    private static byte[] Edit(byte[] bytes, (int Kind, int At, int What) edit)
    {
        var at = bytes.Length == 0 ? 0 : edit.At % bytes.Length;
        var end = Math.Min(bytes.Length, at + 1 + (edit.What % 12));
        return edit.Kind switch
        {
            0 when bytes.Length > 0 => [.. bytes[..at], (byte)(bytes[at] ^ (1 << (edit.What % 8))), .. bytes[(at + 1)..]],
            1 => [.. bytes[..at], .. bytes[end..]],
            2 => [.. bytes[..end], .. bytes[at..]],
            3 => bytes[..at],
            _ => [.. bytes[..at], .. Pieces[edit.What % Pieces.Length], .. bytes[at..]],
        };
    }
}
