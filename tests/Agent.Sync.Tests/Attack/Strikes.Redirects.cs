namespace Agent.Sync.Tests.Attack;

/// <content>Answers that send the client elsewhere, or ask it for more than it should show.</content>
internal static partial class Strikes
{
    public static IEnumerable<Strike> Redirects =>
    [
        .. from status in (int[])[300, 301, 302, 303, 305, 307, 308, 399]
           from place in Places
           select new Strike($"{status} to {place.Key}", exchange => exchange.AnswerAsync(status, $"Location: {place.Value(exchange.Elsewhere)}\r\n{Refusal}", Error)),
        .. from header in (string[])["Refresh: 0; url={0}", "Content-Location: {0}", "URI: {0}", "Location: {0}"]
           select new Strike($"a page with {header.Split(':')[0]}", exchange => exchange.AnswerAsync(200, string.Format(null, header, exchange.Elsewhere) + "\r\nContent-Type: text/html\r\n", Meta(exchange))),
        new("a redirect with an honest body", static exchange => exchange.AnswerAsync(302, $"Location: {exchange.Elsewhere}\r\n{exchange.Honest.Head}", exchange.Honest.Body)),
        new("a redirect without a place", static exchange => exchange.AnswerAsync(302, string.Empty, default)),
        new("two places", static exchange => exchange.AnswerAsync(307, $"Location: {exchange.Elsewhere}\r\nLocation: /rest/v1/\r\n", default)),
        new("not modified", static exchange => exchange.AnswerAsync(304, "ETag: \"x\"\r\n", default)),
        .. from scheme in (string[])["Negotiate", "NTLM", "Basic realm=\"x\"", "Digest realm=\"x\", nonce=\"y\"", "Bearer"]
           from status in (int[])[401, 407]
           select new Strike($"{status} that asks for {scheme.Split(' ')[0]}", exchange => exchange.AnswerAsync(status, $"{(status == 401 ? "WWW" : "Proxy")}-Authenticate: {scheme}\r\nConnection: close\r\n", default)),
    ];

    /// <summary>Gets answers that are good, with headers that lead elsewhere or ask the client to keep something.</summary>
    public static IEnumerable<Strike> Lures =>
    [
        .. from header in (string[])["Alt-Svc: h2=\"{0}\"; ma=86400", "Alt-Svc: clear", "Link: <{0}>; rel=preload", "Refresh: 0; url={0}", "Set-Cookie: session=1; Path=/", "Set-Cookie2: a=b", "Content-Location: {0}", "Location: {0}", "Clear-Site-Data: \"*\"", "Strict-Transport-Security: max-age=0", "Upgrade: h2c", "SourceMap: {0}", "Referrer-Policy: unsafe-url", "Report-To: {{\"endpoints\":[{{\"url\":\"{0}\"}}]}}"]
           select new Strike($"an honest answer with {header}", exchange => exchange.AnswerAsync(exchange.Honest.Status, string.Format(null, header, exchange.Elsewhere) + "\r\n" + exchange.Honest.Head, exchange.Honest.Body)),
    ];

    private static string Refusal => "Content-Type: application/json\r\n";

    private static byte[] Error { get; } = System.Text.Encoding.UTF8.GetBytes($$"""{"code":"{{Exchange.Canary}}","message":"{{Exchange.Canary}}","details":"{{Exchange.Canary}}","hint":"{{Exchange.Canary}}"}""");

    private static Dictionary<string, Func<Uri, string>> Places { get; } = new(StringComparer.Ordinal)
    {
        ["another host"] = static elsewhere => elsewhere + "rest/v1/items",
        ["another host by name"] = static elsewhere => $"http://localhost:{elsewhere.Port}/",
        ["another host without a scheme"] = static elsewhere => $"//127.0.0.1:{elsewhere.Port}/",
        ["another host with a user"] = static elsewhere => $"http://user:password@127.0.0.1:{elsewhere.Port}/",
        ["a path"] = static _ => "/elsewhere",
        ["a query"] = static _ => "?again=1",
        ["itself"] = static _ => string.Empty,
        ["a file"] = static _ => "file:///etc/passwd",
        ["a script"] = static _ => "javascript:alert(1)",
        ["no address"] = static _ => "http://[",
    };

    private static byte[] Meta(Exchange exchange) => System.Text.Encoding.UTF8.GetBytes($"<html><head><meta http-equiv=\"refresh\" content=\"0; url={exchange.Elsewhere}\"></head><body>{Exchange.Canary}</body></html>");
}
