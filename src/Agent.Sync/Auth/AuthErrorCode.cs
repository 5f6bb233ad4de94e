using System.Text.Json;

namespace Agent.Sync.Auth;

/// <summary>The auth server's error codes that mean something here. Others are not repeated: only these are known to hold nothing personal.</summary>
internal static class AuthErrorCode
{
    public const string InvalidCredentials = "invalid_credentials";
    public const string InvalidGrant = "invalid_grant";
    public const string EmailNotConfirmed = "email_not_confirmed";

    private static readonly string[] Known =
    [
        InvalidCredentials, InvalidGrant, EmailNotConfirmed, "refresh_token_not_found", "refresh_token_already_used", "session_expired",
        "session_not_found", "user_banned", "user_not_found", "over_request_rate_limit", "captcha_failed", "email_provider_disabled", "bad_jwt",
    ];

    /// <summary>Tells whether a refused refresh means that the session is over, not that something else is set up wrongly.</summary>
    public static bool EndsSession(string? code) =>
        code is InvalidGrant or "refresh_token_not_found" or "refresh_token_already_used" or "session_expired" or "session_not_found" or "user_banned" or "user_not_found";

    /// <summary>Takes a known code from <c>error_code</c>, or <c>error</c> as older servers say; null when there is none.</summary>
    public static string? FromJson(ReadOnlySpan<byte> utf8)
    {
        try
        {
            var reader = new Utf8JsonReader(utf8);
            if (!reader.Read() || reader.TokenType != JsonTokenType.StartObject)
            {
                return null;
            }

            while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
            {
                var isCode = reader.ValueTextEquals("error_code"u8) || reader.ValueTextEquals("error"u8);
                reader.Read();
                if (isCode && reader.TokenType == JsonTokenType.String && Find(ref reader) is { } code)
                {
                    return code;
                }

                reader.TrySkip();
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException)
        {
            // Not JSON after all, or a text that is not valid UTF-16; the exception would quote it.
        }

        return null;
    }

    private static string? Find(ref Utf8JsonReader reader)
    {
        foreach (var code in Known)
        {
            if (reader.ValueTextEquals(code))
            {
                return code;
            }
        }

        return null;
    }
}
