using Agent.Sync.Postgrest;

namespace Agent.Sync.Push.Sending;

/// <summary>
/// Tells a refused row from a refused table. Both have the same code, and the message depends on the server's language. But PostgreSQL checks a
/// statement's privileges even when it matches no row, and the policies only when it matches one.
/// </summary>
internal sealed class GrantProbe(PushCalls calls)
{
    private readonly HashSet<HttpMethod> _granted = [];

    /// <summary>Sends the request once more so that it matches no row; once per method.</summary>
    /// <exception cref="SyncAuthException">It is refused all the same: a grant is missing.</exception>
    public async Task RequireAsync(ApiCall withoutRows, CancellationToken cancellationToken)
    {
        lock (_granted)
        {
            if (_granted.Contains(withoutRows.Method))
            {
                return;
            }
        }

        try
        {
            using var answer = await calls.SendAsync(withoutRows, changes: 0, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncProtocolException)
        {
            // Whatever was wrong, it was not the privileges.
        }

        lock (_granted)
        {
            _granted.Add(withoutRows.Method);
        }
    }
}
