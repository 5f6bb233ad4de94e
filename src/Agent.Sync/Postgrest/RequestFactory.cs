using System.Net;
using Agent.Sync.Auth;
using Agent.Sync.Configuration;
using Agent.Sync.Resilience;

namespace Agent.Sync.Postgrest;

/// <summary>The one place that builds requests to the REST API; a new message per attempt.</summary>
internal sealed class RequestFactory(string apiKey)
{
    public HttpRequestMessage Get(Uri url, SessionToken token, string? schema, TotalCount count)
    {
        var request = new HttpRequestMessage(HttpMethod.Get, url)
        {
            // Offered over TLS, where the server chooses; plain HTTP falls back to 1.1.
            Version = HttpVersion.Version20,
            VersionPolicy = HttpVersionPolicy.RequestVersionOrLower,
        };
        var headers = request.Headers;
        headers.TryAddWithoutValidation("apikey", apiKey);
        if (token.Authorization is { } authorization)
        {
            headers.TryAddWithoutValidation("Authorization", authorization);
        }

        headers.TryAddWithoutValidation("Accept", MediaTypes.Json);
        if (schema is not null)
        {
            headers.TryAddWithoutValidation("Accept-Profile", schema);
        }

        if (count != TotalCount.None)
        {
            headers.TryAddWithoutValidation("Prefer", count == TotalCount.Exact ? "count=exact" : "count=estimated");
        }

        headers.TryAddWithoutValidation("User-Agent", ClientName.Value);
        headers.TryAddWithoutValidation("X-Client-Info", ClientName.Value);
        return request;
    }
}
