using System.Buffers;
using System.Buffers.Text;
using System.Text.Json;

namespace Agent.Sync.Auth;

/// <summary>What the engine reads from a JWT: whose it is. The signature is the server's to check.</summary>
internal sealed record JwtClaims(string? Subject, string? Role)
{
    // PostgREST's own headers are limited far below this.
    private const int MaxLength = 16 * 1024;

    private static readonly SearchValues<char> Alphabet =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_.");

    /// <summary>Reads a token's claims; null when it is not a JWT.</summary>
    public static JwtClaims? TryRead(ReadOnlySpan<char> token)
    {
        Span<Range> parts = stackalloc Range[4];
        if (token.Length > MaxLength || token.Split(parts, '.') != 3)
        {
            return null;
        }

        for (var part = 0; part < 3; part++)
        {
            if (!IsBase64Url(token[parts[part]]))
            {
                return null;
            }
        }

        try
        {
            return Read(Base64Url.DecodeFromChars(token[parts[1]]));
        }
        catch (JsonException)
        {
            // The exception quotes the payload.
            return null;
        }
        catch (InvalidOperationException)
        {
            // A string that is not valid UTF-8 or UTF-16.
            return null;
        }
    }

    /// <summary>Tells whether a token has characters that no JWT has: they would go raw into a header.</summary>
    public static bool HoldsForeign(ReadOnlySpan<char> token) => token.ContainsAnyExcept(Alphabet);

    // A record would print the claims, and the owner of a token is private.
    public override string ToString() => nameof(JwtClaims);

    // The decoder of .NET skips white space and padding, neither of which a JWT has.
    private static bool IsBase64Url(ReadOnlySpan<char> part) => !part.IsEmpty && !HoldsForeign(part) && Base64Url.IsValid(part);

    private static JwtClaims? Read(ReadOnlySpan<byte> payload)
    {
        var reader = new Utf8JsonReader(payload);
        if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
        {
            return null;
        }

        string? subject = null;
        string? role = null;
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var isSubject = reader.ValueTextEquals("sub"u8);
            var isRole = reader.ValueTextEquals("role"u8);
            reader.Read();
            if (!isSubject && !isRole)
            {
                reader.TrySkip();
                continue;
            }

            // Two readers of one token could otherwise see two users.
            if (reader.TokenType != JsonTokenType.String || (isSubject ? subject : role) is not null)
            {
                return null;
            }

            if (isSubject)
            {
                subject = reader.GetString();
            }
            else
            {
                role = reader.GetString();
            }
        }

        return reader.Read() ? null : new JwtClaims(subject, role);
    }
}
