using System.Buffers.Text;
using System.Text;
using System.Text.Json;

namespace Agent.Sync.Testing.Postgrest.Wire;

/// <summary>The double's JWTs: well-formed, and sealed with a constant instead of a key.</summary>
internal sealed record DoubleToken(string? Subject, string Role, DateTimeOffset Expires)
{
    private const string Seal = "c2VhbGVkLWJ5LXRoZS1kb3VibGU";

    public static string Write(string sub, string role, DateTimeOffset issued, DateTimeOffset expires, long number)
    {
        var buffer = new MemoryStream();
        using (var writer = new Utf8JsonWriter(buffer))
        {
            writer.WriteStartObject();
            writer.WriteString("aud", "authenticated");
            writer.WriteString("sub", sub);
            writer.WriteString("role", role);
            writer.WriteNumber("iat", issued.ToUnixTimeSeconds());
            writer.WriteNumber("exp", expires.ToUnixTimeSeconds());
            writer.WriteNumber("jti", number);
            writer.WriteEndObject();
        }

        var header = Base64Url.EncodeToString("""{"alg":"HS256","typ":"JWT"}"""u8);
        return $"{header}.{Base64Url.EncodeToString(buffer.ToArray())}.{Seal}";
    }

    /// <summary>Reads a token; null when it is not one of the double's.</summary>
    public static DoubleToken? Read(string token)
    {
        var parts = token.Split('.');
        if (parts.Length != 3 || parts[2] != Seal || !Base64Url.IsValid(parts[1]))
        {
            return null;
        }

        try
        {
            using var payload = JsonDocument.Parse(Encoding.UTF8.GetString(Base64Url.DecodeFromChars(parts[1])));
            var root = payload.RootElement;
            return new DoubleToken(
                root.TryGetProperty("sub", out var sub) ? sub.GetString() : null,
                root.GetProperty("role").GetString()!,
                DateTimeOffset.FromUnixTimeSeconds(root.GetProperty("exp").GetInt64()));
        }
        catch (Exception exception) when (exception is JsonException or KeyNotFoundException or InvalidOperationException)
        {
            return null;
        }
    }
}
