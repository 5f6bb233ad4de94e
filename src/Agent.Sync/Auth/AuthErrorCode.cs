using System.Text.Json;

namespace Agent.Sync.Auth;

/// <summary>The auth server's error codes that mean something here. Others are not repeated: only these are known to hold nothing personal.</summary>
internal static class AuthErrorCode
{
    public const string InvalidCredentials = "invalid_credentials";
    public const string InvalidGrant = "invalid_grant";
    public const string EmailNotConfirmed = "email_not_confirmed";

    public const string OtpExpired = "otp_expired";
    public const string OtpDisabled = "otp_disabled";
    public const string SignupDisabled = "signup_disabled";
    public const string AnonymousDisabled = "anonymous_provider_disabled";
    public const string PhoneDisabled = "phone_provider_disabled";
    public const string EmailDisabled = "email_provider_disabled";

    private static readonly string[] Known =
    [
        InvalidCredentials, InvalidGrant, EmailNotConfirmed, OtpExpired, OtpDisabled, SignupDisabled, AnonymousDisabled, PhoneDisabled, EmailDisabled,
        "over_email_send_rate_limit", "over_sms_send_rate_limit", "sms_send_failed", "validation_failed", "email_address_invalid", "email_address_not_authorized", "refresh_token_not_found", "refresh_token_already_used", "session_expired",
        "session_not_found", "user_banned", "user_not_found", "over_request_rate_limit", "captcha_failed", "bad_jwt",
    ];

    /// <summary>Tells whether a refused refresh means that the session is over, not that something else is set up wrongly.</summary>
    public static bool EndsSession(string? code) =>
        code is InvalidGrant or "refresh_token_not_found" or "refresh_token_already_used" or "session_expired" or "session_not_found" or "user_banned" or "user_not_found";

    /// <summary>Tells whether the server refuses to send another code yet, mostly because it has just sent one.</summary>
    public static bool MeansSent(string code) => code is "over_email_send_rate_limit" or "over_sms_send_rate_limit";

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
