using System.Text.Json;
using Agent.Sync.Configuration;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Auth;

/// <summary>The project's auth server: grants and sign-out, through the same retry layer as pages.</summary>
internal sealed class AuthServer : IDisposable
{
    private readonly HttpMessageInvoker _http;
    private readonly RequestPipeline _pipeline;

    public AuthServer(SupabaseSessionOptions options, ILogger log)
    {
        ProjectUrl = Configuration.ProjectUrl.Require(options.Url, options.AllowInsecureLoopback);
        ApiKey = ApiKeyRule.Require(options.ApiKey);
        if (SecretKey.Is(ApiKey))
        {
            throw AuthFailure.SecretKeyInSession();
        }

        Time = options.Time;
        MaxRetryAfter = options.Retry.MaxRetryAfter;
        if (options.Handler is { } given)
        {
            RedirectRule.Require(given);
        }

        _http = options.Handler is { } handler
            ? new HttpMessageInvoker(handler, disposeHandler: false)
            : new HttpMessageInvoker(HttpHandlers.Create(), disposeHandler: true);
        _pipeline = new RequestPipeline(options.Retry, new BreakerOptions(), Time, new EngineSeams().Jitter, log);
    }

    public string ProjectUrl { get; }

    public string ApiKey { get; }

    public TimeProvider Time { get; }

    public TimeSpan MaxRetryAfter { get; }

    public Task<Grants.Answer> GrantAsync(Grants.Password grant, CancellationToken cancellationToken) =>
        GrantAsync("password", JsonSerializer.SerializeToUtf8Bytes(grant, AuthJsonContext.Default.Password), cancellationToken);

    public Task<Grants.Answer> GrantAsync(Grants.Refresh grant, CancellationToken cancellationToken) =>
        GrantAsync("refresh_token", JsonSerializer.SerializeToUtf8Bytes(grant, AuthJsonContext.Default.Refresh), cancellationToken);

    /// <summary>Ends this session on the server; the user's others stay.</summary>
    public async Task SignOutAsync(string accessToken, CancellationToken cancellationToken)
    {
        var request = new AuthRequest(this, "/auth/v1/logout?scope=local", body: null, accessToken);
        await _pipeline.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, cancellationToken);

    /// <summary>Tells whether the clock can say when a token of this life runs out.</summary>
    public bool HoldsLife(long seconds) => seconds <= (DateTimeOffset.MaxValue - Time.GetUtcNow()).TotalSeconds - 1;

    public void Dispose() => _http.Dispose();

    private async Task<Grants.Answer> GrantAsync(string type, byte[] body, CancellationToken cancellationToken)
    {
        var request = new AuthRequest(this, "/auth/v1/token?grant_type=" + type, body, bearer: null);
        await _pipeline.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return request.Answer!;
    }
}
