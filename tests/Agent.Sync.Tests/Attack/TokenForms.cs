using System.Buffers.Text;
using System.Text;
using Agent.Sync.Tests.Postgrest;

namespace Agent.Sync.Tests.Attack;

/// <summary>Texts that an app, or a hostile auth server, may hand over as a token.</summary>
internal static class TokenForms
{
    private const string Header = """{"alg":"HS256","typ":"JWT"}""";

    /// <summary>Gets those that are nobody's: they must not be sent.</summary>
    public static IReadOnlyList<(string Name, string Token)> NoUsers { get; } =
    [
        ("one part", "abc"),
        ("two parts", "abc.def"),
        ("four parts", TestToken.Of().Value + ".x"),
        ("no signature", Of(Header, User).TrimEnd('.', 'x')),
        ("an empty signature", $"{Encode(Header)}.{Encode(User)}."),
        ("an empty payload", $"{Encode(Header)}..x"),
        ("an empty header", $".{Encode(User)}.x"),
        ("only dots", ".."),
        ("no base64", $"{Encode(Header)}.@@@@.xxxx"),
        ("base64 with padding", $"{Encode(Header)}.{Convert.ToBase64String(Encoding.UTF8.GetBytes(User + " "))}=.xxxx"),
        ("the other base64", $"{Encode(Header)}.{Encode(User)}+/.xxxx"),
        ("a blank", $"{Encode(Header)}. {Encode(User)}.xxxx"),
        ("a line break", TestToken.Of().Value + "\r\nX-Injected: 1"),
        ("a nul", TestToken.Of().Value + "\0"),
        ("a quote", $"\"{TestToken.Of().Value}\""),
        ("Bearer in front", "Bearer " + TestToken.Of().Value),
        ("letters beyond ASCII", TestToken.Of().Value + "\u00e4"),
        ("a lone surrogate", TestToken.Of().Value + "\ud800"),
        ("3 MB", $"{Encode(Header)}.{Encode(User)}.{new string('x', 3 * 1024 * 1024)}"),
        ("a payload of 3 MB", Of(Header, $$"""{"sub":"user-1","role":"authenticated","x":"{{new string('x', 3 * 1024 * 1024)}}"}""")),
        ("no sub", Of(Header, """{"role":"authenticated"}""")),
        ("an empty sub", Of(Header, """{"sub":"","role":"authenticated"}""")),
        ("a null sub", Of(Header, """{"sub":null,"role":"authenticated"}""")),
        ("a number as sub", Of(Header, """{"sub":1,"role":"authenticated"}""")),
        ("an array as sub", Of(Header, """{"sub":["user-1"],"role":"authenticated"}""")),
        ("an object as sub", Of(Header, """{"sub":{"id":"user-1"},"role":"authenticated"}""")),
        ("two subs", Of(Header, """{"sub":"user-1","sub":"user-2","role":"authenticated"}""")),
        ("an escaped second sub", Of(Header, """{"sub":"user-1","\u0073ub":"user-2","role":"authenticated"}""")),
        ("a nested sub", Of(Header, """{"claims":{"sub":"user-1","role":"authenticated"}}""")),
        ("half a surrogate as sub", Of(Header, """{"sub":"\ud800","role":"authenticated"}""")),
        ("an array as payload", Of(Header, "[1]")),
        ("null as payload", Of(Header, "null")),
        ("no JSON as payload", Of(Header, "sub=user-1")),
        ("JSON with an end", Of(Header, User + " {}")),
        ("cut JSON", Of(Header, User[..^1])),
        ("deep JSON", Of(Header, string.Concat(Enumerable.Repeat("{\"sub\":", 500)) + "1" + new string('}', 500))),
        ("no UTF-8", $"{Encode(Header)}.{Base64Url.EncodeToString([(byte)'{', (byte)'"', 0xFF, (byte)'"', (byte)':', (byte)'1', (byte)'}'])}.xxxx"),
        ("UTF-16", $"{Encode(Header)}.{Base64Url.EncodeToString(Encoding.Unicode.GetBytes(User))}.xxxx"),
    ];

    /// <summary>Gets those that have a user, but no role that a request may go out under.</summary>
    public static IReadOnlyList<(string Name, string Token)> NoRoles { get; } =
    [
        ("no role", Of(Header, """{"sub":"user-1"}""")),
        ("an empty role", Of(Header, """{"sub":"user-1","role":""}""")),
        ("an array as role", Of(Header, """{"sub":"user-1","role":["authenticated"]}""")),
        ("two roles", Of(Header, """{"sub":"user-1","role":"authenticated","role":"service_role"}""")),
        ("the role that bypasses the policies", Of(Header, """{"sub":"user-1","role":"service_role"}""")),
        ("that role, escaped", Of(Header, """{"sub":"user-1","role":"service\u005frole"}""")),
        ("a secret key", "sb_secret_" + new string('x', 30)),
    ];

    /// <summary>Gets those that are the server's to refuse: signature, times and the rest of the claims are not the client's to judge.</summary>
    public static IReadOnlyList<(string Name, string Token)> ServersToJudge { get; } =
    [
        ("no algorithm", Of("""{"alg":"none"}""", User)),
        ("a header that is no JSON", Of("x", User)),
        ("times as texts", Of(Header, """{"sub":"user-1","role":"authenticated","exp":"tomorrow"}""")),
        ("a negative time", Of(Header, """{"sub":"user-1","role":"authenticated","exp":-1}""")),
        ("a huge time", Of(Header, """{"sub":"user-1","role":"authenticated","exp":1e400,"iat":99999999999999999999}""")),
        ("claims of other shapes", Of(Header, """{"aud":[[]],"sub":"user-1","amr":{"role":"service_role","sub":"user-2"},"role":"authenticated"}""")),
        ("names in capitals", Of(Header, """{"SUB":"user-2","sub":"user-1","ROLE":"service_role","role":"authenticated"}""")),
    ];

    private static string User => """{"sub":"user-1","role":"authenticated"}""";

    private static string Of(string header, string payload) => $"{Encode(header)}.{Encode(payload)}.xxxx";

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
