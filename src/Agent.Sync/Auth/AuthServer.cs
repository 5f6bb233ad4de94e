using System.Text.Json;
using System.Text.Json.Serialization.Metadata;
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
        var seams = new EngineSeams { Time = Time };
        _pipeline = new RequestPipeline(options.Retry, new BreakerOptions(), Time, seams.Jitter, seams.WaitAsync, log);
    }

    public string ProjectUrl { get; }

    public string ApiKey { get; }

    public TimeProvider Time { get; }

    public TimeSpan MaxRetryAfter { get; }

    public Task<Grants.Answer> GrantAsync(Grants.Password grant, CancellationToken cancellationToken) =>
        GrantAsync("/auth/v1/token?grant_type=password", grant, AuthJsonContext.Default.Password, cancellationToken);

    public Task<Grants.Answer> GrantAsync(Grants.Refresh grant, CancellationToken cancellationToken) =>
        GrantAsync("/auth/v1/token?grant_type=refresh_token", grant, AuthJsonContext.Default.Refresh, cancellationToken);

    public Task<Grants.Answer> GrantAsync(Grants.Anonymous grant, CancellationToken cancellationToken) =>
        GrantAsync("/auth/v1/signup", grant, AuthJsonContext.Default.Anonymous, cancellationToken);

    public Task<Grants.Answer> GrantAsync(Grants.Verification grant, CancellationToken cancellationToken) =>
        GrantAsync("/auth/v1/verify", grant, AuthJsonContext.Default.Verification, cancellationToken);

    /// <summary>Has a code sent by mail or by phone.</summary>
    public async Task SendAsync(Grants.Code code, CancellationToken cancellationToken)
    {
        var request = new AuthRequest(this, "/auth/v1/otp", JsonSerializer.SerializeToUtf8Bytes(code, AuthJsonContext.Default.Code), bearer: null) { IsGrant = false };
        await _pipeline.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    /// <summary>Ends this session on the server; the user's others stay.</summary>
    public async Task SignOutAsync(string accessToken, CancellationToken cancellationToken)
    {
        var request = new AuthRequest(this, "/auth/v1/logout?scope=local", body: null, accessToken) { IsGrant = false };
        await _pipeline.SendAsync(request, cancellationToken).ConfigureAwait(false);
    }

    public Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
        _http.SendAsync(request, cancellationToken);

    /// <summary>Tells whether the clock can say when a token of this life runs out.</summary>
    public bool HoldsLife(long seconds) => seconds <= (DateTimeOffset.MaxValue - Time.GetUtcNow()).TotalSeconds - 1;

    public void Dispose() => _http.Dispose();

    private async Task<Grants.Answer> GrantAsync<T>(string path, T grant, JsonTypeInfo<T> type, CancellationToken cancellationToken)
    {
        var request = new AuthRequest(this, path, JsonSerializer.SerializeToUtf8Bytes(grant, type), bearer: null);
        await _pipeline.SendAsync(request, cancellationToken).ConfigureAwait(false);
        return request.Answer!;
    }
}
