namespace Agent.Sync.IntegrationTests.Faults;

/// <summary>An app's token delegate. It is asked before every request, so what it does happens between two of them.</summary>
internal sealed class RequestHook(AccessToken token)
{
    private int _count;

    /// <summary>Gets or sets the token that is given.</summary>
    public AccessToken? Token { get; set; } = token;

    /// <summary>Gets or sets what happens before a request; it is told the request's number, from 1.</summary>
    public Func<int, Task>? Before { get; set; }

    /// <summary>Gets or sets what gives the token instead of <see cref="Token"/>.</summary>
    public Func<AccessToken?, CancellationToken, ValueTask<AccessToken?>>? Source { get; set; }

    /// <summary>Gets how often the engine asked.</summary>
    public int Count => Volatile.Read(ref _count);

    public void Restart() => Volatile.Write(ref _count, 0);

    public async ValueTask<AccessToken?> GetTokenAsync(AccessToken? refused, CancellationToken cancellationToken)
    {
        var number = Interlocked.Increment(ref _count);
        if (Before is not null)
        {
            await Before(number);
        }

        return Source is null ? Token : await Source(refused, cancellationToken);
    }
}
