using Agent.Sync.Postgrest;

namespace Agent.Sync.Push.Sending;

/// <summary>
/// Tells a refused row from a refused table, which have the same code and, in other languages than English, unpredictable words:
/// PostgreSQL checks a statement's privileges even when it meets no row, and its policies only when it does.
/// </summary>
internal sealed class GrantProbe(PushCalls calls)
{
    private readonly HashSet<HttpMethod> _granted = [];

    /// <summary>Sends the request once more so that it meets no row; once per method and run.</summary>
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
            // Whatever it did not like, it was not the privileges.
        }

        lock (_granted)
        {
            _granted.Add(withoutRows.Method);
        }
    }
}
