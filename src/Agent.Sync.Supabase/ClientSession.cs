using Supabase.Gotrue.Exceptions;
using Client = Supabase.Client;

namespace Agent.Sync.Supabase;

/// <summary>What the engine needs of the official client. It keeps nothing: the client's own session is asked each time.</summary>
internal sealed class ClientSession(Client client)
{
    private const string RestPath = "/rest/v1";
    private const string KeyHeader = "apikey";

    /// <summary>Sets what leads to the client's project, as its user.</summary>
    public void ApplyTo(SyncOptions options)
    {
        options.Url = Project() ?? options.Url;
        options.ApiKey = Key() ?? options.ApiKey;
        options.AccessTokenProvider = GetAccessTokenAsync;
        options.SignedInUser = () => client.Auth.CurrentSession is null ? null : client.Auth.CurrentUser?.Id;
    }

    private Uri? Project()
    {
        // A client behind another path was told so by the app, which then tells the engine too.
        var address = client.Postgrest.BaseUrl.TrimEnd('/');
        return address.EndsWith(RestPath, StringComparison.OrdinalIgnoreCase) && Uri.TryCreate(address[..^RestPath.Length], UriKind.Absolute, out var project) ? project : null;
    }

    private string? Key() => client.Postgrest.GetHeaders?.Invoke()
        .FirstOrDefault(static header => string.Equals(header.Key, KeyHeader, StringComparison.OrdinalIgnoreCase)).Value;

    private async ValueTask<AccessToken?> GetAccessTokenAsync(AccessToken? refused, CancellationToken cancellationToken)
    {
        // The client itself would go on with the key in place of a token, as nobody.
        var token = client.Auth.CurrentSession?.AccessToken ?? throw ClientFailure.NoSession();
        if (!string.Equals(token, refused?.Value, StringComparison.Ordinal))
        {
            return new AccessToken(token);
        }

        try
        {
            await client.Auth.RefreshToken().WaitAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (Exception exception) when (exception is GotrueException or HttpRequestException or TimeoutException or TaskCanceledException)
        {
            cancellationToken.ThrowIfCancellationRequested();
            throw client.Auth.CurrentSession is null ? ClientFailure.Over() : ClientFailure.Of(exception);
        }

        return new AccessToken(client.Auth.CurrentSession?.AccessToken ?? throw ClientFailure.NoSession());
    }
}
