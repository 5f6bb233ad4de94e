using Microsoft.Extensions.Logging;

namespace Agent.Sync;

/// <summary>The options of a <see cref="SupabaseSession"/>. Its constructor reads them once.</summary>
public sealed class SupabaseSessionOptions
{
    /// <summary>Gets or sets the project's URL, such as <c>https://abc.supabase.co</c>. Required; HTTPS unless <see cref="AllowInsecureLoopback"/>.</summary>
    public Uri? Url { get; set; }

    /// <summary>Gets or sets the publishable (or legacy anon) key. Required; a secret key is refused.</summary>
    public string? ApiKey { get; set; }

    /// <summary>Gets or sets a value indicating whether plain HTTP is accepted on a loopback address, for local development. The default is false.</summary>
    public bool AllowInsecureLoopback { get; set; }

    /// <summary>Gets or sets the state to restore: the last one that <see cref="StateChanged"/> was given. Null, the default, starts signed out.</summary>
    public SupabaseSessionState? State { get; set; }

    /// <summary>Gets or sets the file that keeps the state, such as a path in the app's data folder. Null, the default, keeps it in memory only, or where <see cref="StateChanged"/> does.</summary>
    /// <remarks>
    /// <para>
    /// The constructor restores the session from it, without a request; each sign-in and refresh replaces it, so that a crash leaves the old or the new state; a sign-out removes it.
    /// It holds tokens in the clear, readable by its owner alone (0600; a directory that it makes has 0700; on Windows the directory's permissions apply). A damaged file, or one of another
    /// project's URL, counts as signed out, with a warning in the log.
    /// </para>
    /// <para>
    /// Processes may share it: a refresh waits for another one's and takes what that wrote, since a refresh token can be used once. That another process signed in is seen when a token is asked for,
    /// and by a hosted sync within its poll interval; what else it changed at the next refresh.
    /// Put it on a local disk.
    /// </para>
    /// </remarks>
    public string? StateFile { get; set; }

    /// <summary>Gets or sets the delegate that saves the state. Null, the default, keeps it in memory only.</summary>
    /// <remarks>
    /// Called after every sign-in, refresh and sign-out, with null when the session is over, and awaited before the new
    /// token is used: a refresh token can be used once, so a state that is not saved is lost with the process. For that
    /// reason it gets no cancellation token. Calls never overlap for one refresh. Its exceptions reach the caller.
    /// </remarks>
    public Func<SupabaseSessionState?, ValueTask>? StateChanged { get; set; }

    /// <summary>Gets the retries of one request.</summary>
    public RetryOptions Retry { get; } = new();

    /// <summary>Gets or sets the handler to send with; it must not follow redirects and is not disposed. Null, the default, creates one.</summary>
    public HttpMessageHandler? Handler { get; set; }

#pragma warning disable RS0030 // An option's default may name the system clock.
    /// <summary>Gets or sets the clock. The default is the system's.</summary>
    public TimeProvider Time { get; set; } = TimeProvider.System;
#pragma warning restore RS0030

    /// <summary>Gets or sets the logger for grants, codes and delays. Tokens are never logged. Null, the default, logs nothing.</summary>
    public ILogger? Logger { get; set; }
}
