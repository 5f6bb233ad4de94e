using System.Buffers.Text;
using System.Text;

namespace Agent.Sync.Tests.Postgrest;

internal static class TestToken
{
    public static AccessToken Of(string subject = "user-1", string role = "authenticated", int number = 0) =>
        new(Jwt($$"""{"sub":"{{subject}}","role":"{{role}}","n":{{number}}}"""));

    public static string Jwt(string payload) => $"{Encode("""{"alg":"HS256"}""")}.{Encode(payload)}.{Encode("signature")}";

    private static string Encode(string text) => Base64Url.EncodeToString(Encoding.UTF8.GetBytes(text));
}
