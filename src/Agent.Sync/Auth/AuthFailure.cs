namespace Agent.Sync.Auth;

/// <summary>The messages of a session that cannot be used.</summary>
internal static class AuthFailure
{
    public static SyncAuthException NoProvider() =>
        Required("No session means no sync: call UseSession(session), or set AccessTokenProvider to a delegate that gives the signed-in user's JWT.");

    public static SyncAuthException KeyRefused() =>
        Required("The server refused the secret key. Check that it belongs to this project and was not revoked.");

    public static SyncAuthException UserChanged(string? dataset) =>
        new(SyncErrorKind.AuthRequired, "The token belongs to another user or role than at the start. Nothing of the new user was applied; start again for the new user.", dataset) { IsOfAnotherUser = true };

    public static SyncAuthException SecretKeyRefused(string what) =>
        new(SyncErrorKind.SecretKeyRefused, $"{what} is a secret or service_role key, which bypasses row-level security. Use the publishable key and the user's JWT; on a trusted server set AllowRlsBypass.");

    public static SyncAuthException SecretKeyInSession() =>
        new(SyncErrorKind.SecretKeyRefused, "ApiKey is a secret or service_role key, which bypasses row-level security. A user's session takes the publishable (or legacy anon) key; a sync without a user takes SyncOptions.ApiKey and no session.");

    public static SyncAuthException TokenRefused(string? dataset, string? code) =>
        new(SyncErrorKind.AuthRequired, "The server refused the request's key or token, and did so again after one token refresh. Check that ApiKey is this project's key, that the token belongs to the same project, and sign in again.", dataset, code);

    public static SyncAuthException GrantRefused(string code) => new(
        SyncErrorKind.AuthRequired,
        code switch
        {
            AuthErrorCode.InvalidCredentials => "Signing in was refused (invalid_credentials). Check the e-mail address and the password.",
            AuthErrorCode.EmailNotConfirmed => "Signing in was refused (email_not_confirmed). Follow the link in the confirmation mail first.",
            AuthErrorCode.OtpExpired => "The code is wrong, was used or has expired (otp_expired). Check it, or send a new one.",
            AuthErrorCode.OtpDisabled or AuthErrorCode.SignupDisabled => $"Signing in was refused ({code}): nobody has this address, and no new user may be made. Check the address, or allow sign-ups.",
            AuthErrorCode.AnonymousDisabled => "Signing in was refused (anonymous_provider_disabled). Allow anonymous sign-ins in the project's Auth settings.",
            AuthErrorCode.PhoneDisabled or AuthErrorCode.EmailDisabled => $"Signing in was refused ({code}). Allow this way to sign in in the project's Auth settings.",
            _ when AuthErrorCode.EndsSession(code) => $"The session is over ({code}). Sign in again.",
            _ => $"The auth server refused the request ({code}). Check ApiKey, what the user typed, and that the project allows this way to sign in.",
        },
        code: code);

    public static SyncTransportException Unreachable(string reason) =>
        new(SyncErrorKind.Unreachable, $"The auth server could not be reached or the connection broke ({reason}). Check the network and the URL, and try again.", dataset: null, code: null, isTransient: true);

    public static SyncTransportException SlowDown(string code) =>
        new(SyncErrorKind.RateLimited, "The auth server asks to slow down for longer than the retries allow. Try again later.", dataset: null, code, isTransient: true);

    public static SyncTransportException CodeSent(string code) =>
        new(SyncErrorKind.RateLimited, $"The auth server sends no further code for now ({code}). One was probably sent a moment ago: look for it, or ask again in a minute.", dataset: null, code, isTransient: true);

    public static SyncTransportException ServerFailed(string code) =>
        new(SyncErrorKind.ServerError, $"The auth server failed ({code}). Try again later.", dataset: null, code, isTransient: true);

    public static SyncProtocolException UnexpectedAnswer(string code) =>
        new(SyncErrorKind.UnexpectedResponse, $"The answer is not one of Supabase Auth ({code}); a redirect is never followed. Check that Url is the project's URL and that no proxy answers in its place.", dataset: null, code);

    private static SyncAuthException Required(string message) => new(SyncErrorKind.AuthRequired, message);
}
