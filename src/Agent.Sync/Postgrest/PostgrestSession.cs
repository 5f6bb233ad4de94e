using Agent.Sync.Auth;

namespace Agent.Sync.Postgrest;

/// <summary>One run's view of the server: one user, counted requests. Safe for concurrent requests.</summary>
internal sealed class PostgrestSession : IPageTransport, ICallTransport
{
    private readonly PostgrestClient _client;

    public PostgrestSession(PostgrestClient client, SessionToken token, RequestTally tally, string limitKey)
    {
        _client = client;
        Token = token;
        Tally = tally;
        LimitKey = limitKey;
    }

    /// <summary>Gets the user's id, the token's <c>sub</c>; <c>service_role</c> when a secret key stands in for a user.</summary>
    public string Subject => Token.Subject;

    public string Role => Token.Role;

    internal SessionToken Token { get; }

    internal RequestTally Tally { get; }

    /// <summary>Gets the rate limit's key: the same user of another project has another limit.</summary>
    internal string LimitKey { get; }

    public async Task<PageAnswer> GetPageAsync(PageQuery query, CancellationToken cancellationToken)
    {
        var request = new PageRequest(_client, this, _client.RouteOf(query.Dataset), query);
        await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return request.Answer!;
    }

    public async Task<CallAnswer> CallAsync(ApiCall call, CancellationToken cancellationToken)
    {
        var request = new CallRequest(_client, this, call);
        await SendAsync(request, cancellationToken).ConfigureAwait(false);
        return request.Answer!;
    }

    private async ValueTask SendAsync(ApiRequest request, CancellationToken cancellationToken)
    {
        try
        {
            await _client.Pipeline.SendAsync(request, cancellationToken).ConfigureAwait(false);
        }
        finally
        {
            request.EndWait();
        }
    }

    public override string ToString() => nameof(PostgrestSession);
}
