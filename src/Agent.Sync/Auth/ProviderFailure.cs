namespace Agent.Sync.Auth;

/// <summary>The messages about what gives the tokens, in the words of the app's code: the session of <c>UseSession</c>, or <see cref="SyncOptions.AccessTokenProvider"/>.</summary>
internal sealed class ProviderFailure(Delegate? provider)
{
    private readonly bool _isSession = provider?.Target is SupabaseSession;

    private string Name => _isSession ? "The session" : nameof(SyncOptions.AccessTokenProvider);

    public SyncAuthException NoSession() => Required(_isSession
        ? "No session means no sync: nobody is signed in. Sign the user in with the session and sync again."
        : "No session means no sync: AccessTokenProvider gave no token. Sign the user in and sync again.");

    public SyncAuthException NotAJwt() =>
        Required($"{Name} gave something other than a JWT. {(_isSession ? "Check that Url is the project's URL" : "Give the user's access token, not a key or a refresh token")}.");

    public SyncAuthException NotSendable() =>
        Required($"{Name} gave a token with a blank, a line break, a quote or another character that no JWT has. Trim what surrounds the token, such as the newline at the end of a file.");

    public SyncAuthException NotAUser() =>
        Required($"{Name} gave a JWT without 'sub' or 'role'{(_isSession ? ". Check that the project's hooks leave both in the token" : ", such as the anon key. Sign the user in and give the user's access token")}.");

    public SyncAuthException Threw(Exception exception) =>
        Required($"{Name} threw {exception.GetType().Name}. Its exception is not repeated here, because it may hold a token; "
            + (_isSession ? "catch it in StateChanged to see it, and dispose the session after the engine." : "catch it in the delegate to see it."));

    public SyncAuthException TimedOut() =>
        Required($"{Name} did not refresh the token in time. {Check}, or raise Retry.AttemptTimeout.");

    public SyncTransportException NoTokenInTime(string seconds) =>
        new(SyncErrorKind.Timeout, $"{Name} gave no token within {seconds} s. {Check}, or raise Retry.RequestTimeout.", dataset: null, code: null, isTransient: true);

    private string Check => _isSession ? "Check the network and what StateChanged waits for" : "Check the app's session and the network";

    private static SyncAuthException Required(string message) => new(SyncErrorKind.AuthRequired, message);
}
