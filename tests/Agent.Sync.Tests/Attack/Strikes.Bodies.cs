using System.Text;

namespace Agent.Sync.Tests.Attack;

/// <content>Whole answers whose body, type or status is not what was asked for.</content>
internal static partial class Strikes
{
    /// <summary>Gets bodies that no call may take for an answer.</summary>
    public static IEnumerable<Strike> Bodies =>
    [
        .. Texts.Select(static text => new Strike($"the body {Shorten(text)}", exchange => exchange.AnswerAsync(200, Json, Encoding.UTF8.GetBytes(text)))),
        .. new byte[][] { [0xFF, 0xFE, (byte)'[', 0, (byte)']', 0], [0xEF, 0xBB, 0xBF, (byte)'[', (byte)']'], [(byte)'[', (byte)'"', 0xC3, (byte)'"', (byte)']'], [(byte)'[', (byte)'"', 0xED, 0xA0, 0x80, (byte)'"', (byte)']'], [0], [(byte)'[', 0, (byte)']'] }
            .Select(static bytes => new Strike($"the bytes {Convert.ToHexString(bytes)}", exchange => exchange.AnswerAsync(200, Json, bytes))),
        Edited("the honest body twice", static text => text + text),
        Edited("the honest body with more behind it", static text => text + " x"),
        Edited("the honest body without its end", static text => text[..^1]),
        Edited("the honest body and a comma", static text => text.Insert(text.Length - 1, ",")),
        Edited("the honest body with a comment", static text => "/* x */" + text),
        Edited("the honest body in single quotes", static text => $"'{text}'"),
        Edited("the honest body in brackets", static text => $"[{text}]"),
        Edited("the honest body as a text", static text => System.Text.Json.JsonSerializer.Serialize(text)),
        Edited("the honest body with other names", static text => text.Replace("\":", "x\":", StringComparison.Ordinal)),
        Edited("the honest body with NaN", static text => text.Insert(1, "NaN,")),
        Edited("the honest body with a nul", static text => text + "\0"),
    ];

    /// <summary>Gets bodies like the honest one, with a part that lies.</summary>
    public static IEnumerable<Strike> LiesAbout(AttackedCall target) =>
    [
        .. from lie in (string[])["null", "true", "-1", "0", "\"-1\"", "\"0\"", "\"9223372036854775806\"", "\"9223372036854775807\"", "\"9223372036854775808\"", "\"00000000-0000-0000-0000-000000000000\"", "1e999999", "9223372036854775808", "-9223372036854775809", "1.5", "\"\"", "\"x\"", "\"\\ud800\"", "\"\\u0000\"", "[]", "{}", $"\"{Exchange.Canary}\"", new string('9', 10_000), "0." + new string('1', 10_000)]
           from name in NamesOf(target)
           select Edited($"{name} is {Shorten(lie)}", text => Replace(text, name, lie)) with { IsPlausible = true },
        .. from name in NamesOf(target)
           select Edited($"{name} twice", text => text.Replace($"\"{name}\":", $"\"{name}\":null,\"{name}\":", StringComparison.Ordinal)) with { IsPlausible = true },
        new("an empty array", static exchange => exchange.AnswerAsync(200, exchange.Honest.Head, "[]"u8.ToArray())) { IsPlausible = true },
        new("an empty array with 201", static exchange => exchange.AnswerAsync(201, exchange.Honest.Head, "[]"u8.ToArray())) { IsPlausible = true },
        new("no content", static exchange => exchange.AnswerAsync(204, string.Empty, default)) { IsPlausible = true },
        new("reset content", static exchange => exchange.AnswerAsync(205, string.Empty, default)) { IsPlausible = true },
        Edited("every time in the future", static text => text.Replace("2026-03-01", "9000-03-01", StringComparison.Ordinal)) with { IsPlausible = true },
        Edited("every time in the past", static text => text.Replace("2026-03-01", "1970-03-01", StringComparison.Ordinal)) with { IsPlausible = true },
        Edited("every time infinite", static text => System.Text.RegularExpressions.Regex.Replace(text, "\"2026-03-01[^\"]*\"", "\"infinity\"")) with { IsPlausible = true },
    ];

    public static IEnumerable<Strike> Types =>
        from type in (string[])["text/html", "text/plain", "application/octet-stream", "application/jsonp", "application/json+x", "json", "///", "application/", "multipart/form-data", "text/csv", "application/geo+json", "application/xml"]
        select new Strike($"the type {type}", exchange => exchange.AnswerAsync(200, $"Content-Type: {type}\r\n{exchange.Honest.HeadWithout("Content-Type")}", exchange.Honest.Body));

    /// <summary>Gets every status but the good ones, with an error that quotes rows.</summary>
    public static IEnumerable<Strike> Statuses =>
    [
        .. from status in Enumerable.Range(400, 52).Concat(Enumerable.Range(499, 29)).Append(599)
           select new Strike($"status {status}", exchange => exchange.AnswerAsync(status, Json, Error)),
        .. from code in (string[])["", "null", "\"\"", "5", "\"22P02\"", "\"23505\"", "\"42501\"", "\"PGRST301\"", "\"PGRST303\"", "\"57014\"", "\"P0001\"", "\"40001\"", "\"21000\"", "\"23503\"", "\"25006\"", "\"XX000\"", "\"\\ud800\"", "[]", "{}", $"\"{Exchange.Canary}\"", $"\"{new string('A', 100_000)}\""]
           from status in (int[])[400, 401, 404, 500]
           select new Strike($"{status} with the code {Shorten(code)}", exchange => exchange.AnswerAsync(status, Json, Encoding.UTF8.GetBytes($$"""{"message":"{{Exchange.Canary}}","code":{{code}},"details":"{{Exchange.Canary}}"}"""))),
    ];

    public static IEnumerable<Strike> Headers =>
    [
        .. from value in (string[])["", "x", "-5", "1.5", "0", "1", "99999999999999999999", "1e9", "1, 2", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Thu, 32 Jan 2026 00:00:00 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", Exchange.Canary, "\u00e4", "1\r\nRetry-After: 2", new string('9', 5_000)]
           from status in (int[])[429, 503]
           select new Strike($"{status} with Retry-After {Shorten(value)}", exchange => exchange.AnswerAsync(status, $"Retry-After: {value}\r\n{Json}", Error)),
        .. from value in (string[])["", "x", "*/*", "*/0", "0-0/1", "5-1/2", "-1--1/-1", "0-9/99999999999999999999999", "0-9/9223372036854775807", "/", "0-1/1\r\nContent-Range: 0-1/999", new string('9', 5_000)]
           select new Strike($"Content-Range {Shorten(value)}", exchange => exchange.AnswerAsync(exchange.Honest.Status, $"Content-Range: {value}\r\n{exchange.Honest.HeadWithout("Content-Range")}", exchange.Honest.Body)) { IsPlausible = true },
        .. from value in (string[])["x", "Thu, 01 Jan 1970 00:00:00 GMT", "Fri, 31 Dec 9999 23:59:59 GMT", "Mon, 01 Jan 0001 00:00:00 GMT", "Sat, 01 Jan 1600 00:00:00 GMT", "Sunday, 06-Nov-94 08:49:37 GMT", "2026-03-01T12:00:00Z", "Sun, 01 Mar 2026 12:00:00 GMT\r\nDate: Sun, 01 Mar 2099 12:00:00 GMT", "0", "-1"]
           select new Strike($"Date {Shorten(value)}", exchange => exchange.AnswerAsync(exchange.Honest.Status, $"Date: {value}\r\n{exchange.Honest.HeadWithout("Date")}", exchange.Honest.Body)) { IsPlausible = true },
        new("no Date", static exchange => exchange.AnswerAsync(exchange.Honest.Status, exchange.Honest.HeadWithout("Date"), exchange.Honest.Body)) { IsPlausible = true },
        .. from value in (string[])["error=", "PostgREST; error=22P02", $"x; error={Exchange.Canary}", "error=\"PGRST301\"; error=57014", "error=" + new string('A', 5_000), "=;=,;error"]
           select new Strike($"Proxy-Status {Shorten(value)}", exchange => exchange.AnswerAsync(500, $"Proxy-Status: {value}\r\nContent-Type: text/html\r\n", Error)),
    ];

    private const string Json = "Content-Type: application/json; charset=utf-8\r\nDate: Sun, 01 Mar 2026 12:10:00 GMT\r\n";

    private static string[] Texts =>
    [
        "", " ", "null", "true", "1", "\"x\"", "{}", "[[]]", "[null]", "[1]", "[{}]", "[{]", "{\"a\":}", "NaN", "[NaN]", "[Infinity]", "[-]", "[01]", "[1.]", "[\"\\x\"]", "[\"\\ud800\"]", "undefined", "[,]", "[1,]", "[] []", "//", "'x'", "<html></html>", $"\"{Exchange.Canary}\"",
        $$"""{"{{Exchange.Canary}}":"{{Exchange.Canary}}"}""", $$"""[{"id":"{{Exchange.Canary}}"}]""", new string('[', 2_000), new string('[', 2_000) + new string(']', 2_000), string.Concat(Enumerable.Repeat("{\"a\":", 2_000)) + "1" + new string('}', 2_000), new string('9', 10_000), $"[{new string('9', 10_000)}]",
        "[\"" + new string('x', 60_000) + "\"]", string.Join(string.Empty, Enumerable.Repeat("[]", 1_000)), "[" + string.Join(',', Enumerable.Repeat("{}", 10_000)) + "]", "{\"code\":\"PGRST116\",\"message\":\"x\"}",
    ];

    private static string[] NamesOf(AttackedCall target) => target switch
    {
        AttackedCall.Horizon => ["kit", "horizon", "next", "server_time", "oldest_writer_since", "tables", "epoch", "min_retained", "tombstones", "key", "columns", "problem", "needs_restamp", "policies_changed"],
        AttackedCall.Push => ["outcomes", "rows", "op", "status", "row", "code", "constraint", "id", "version", "sync_seq"],
        AttackedCall.KitPage => ["id", "name", "version", "updated_at", "sync_seq"],
        _ => ["id", "name", "version", "updated_at"],
    };

    private static Strike Edited(string name, Func<string, string> edit) =>
        new(name, exchange => exchange.AnswerAsync(exchange.Honest.Status, exchange.Honest.Head, Encoding.UTF8.GetBytes(edit(exchange.Honest.Text))));

    private static string Replace(string text, string name, string value) =>
        System.Text.RegularExpressions.Regex.Replace(text, $"\"{name}\":\\s*(\"[^\"]*\"|\\[[^\\]]*\\]|\\{{[^}}]*\\}}|[^,}}\\]]+)", System.Text.RegularExpressions.Regex.Escape($"\"{name}\":").Replace("\\", string.Empty, StringComparison.Ordinal) + value.Replace("$", "$$", StringComparison.Ordinal));

    private static string Shorten(string text) => text.Length <= 40 ? text.Replace("\r\n", " and ", StringComparison.Ordinal) : $"{text[..20]}... ({text.Length})";
}
