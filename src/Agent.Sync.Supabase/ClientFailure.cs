using Supabase.Gotrue.Exceptions;

namespace Agent.Sync.Supabase;

/// <summary>The failures of the official client's session. Its own exceptions are not kept: they quote the server's answer.</summary>
internal static class ClientFailure
{
    public static SyncAuthException NoSession() => new("No session means no sync: nobody is signed in to the Supabase client. Sign the user in with client.Auth and sync again.");

    public static SyncAuthException Over() => new("The session of the Supabase client is over: its refresh was refused. Sign the user in again with client.Auth.");

    public static SyncException Of(Exception exception) => exception switch
    {
        GotrueException { StatusCode: 429 } => new SyncTransportException(SyncErrorKind.RateLimited, "The auth server asks the Supabase client to slow down. Try again later.", isTransient: true),
        GotrueException { StatusCode: >= 500 } failed => new SyncTransportException(SyncErrorKind.ServerError, $"The auth server failed ({failed.StatusCode}) when the Supabase client refreshed its token. Try again later.", isTransient: true),
        GotrueException { StatusCode: > 0 } refused => new SyncAuthException($"The Supabase client could not refresh its token ({refused.StatusCode}). Check its URL and key, and sign the user in again."),
        _ => new SyncTransportException(SyncErrorKind.Unreachable, $"The Supabase client could not reach the auth server ({exception.GetType().Name}). Check the network, and try again.", isTransient: true),
    };
}
