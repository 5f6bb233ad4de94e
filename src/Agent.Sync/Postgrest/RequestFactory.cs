using System.Net;
using System.Net.Http.Headers;
using Agent.Sync.Auth;
using Agent.Sync.Resilience;

namespace Agent.Sync.Postgrest;

/// <summary>The one place that builds requests to the REST API; a new message per attempt.</summary>
internal sealed class RequestFactory(string apiKey)
{
    /// <summary>The API's schema unless a header names another.</summary>
    public const string DefaultSchema = "public";

    private static readonly MediaTypeHeaderValue JsonType = new(MediaTypes.Json);

    public HttpRequestMessage Get(Uri url, SessionToken token, string? schema, TotalCount count)
    {
        var request = Create(HttpMethod.Get, url, token, schema);
        if (count != TotalCount.None)
        {
            request.Headers.TryAddWithoutValidation("Prefer", count == TotalCount.Exact ? "count=exact" : "count=estimated");
        }

        return request;
    }

    public HttpRequestMessage Call(Uri url, SessionToken token, ApiCall call)
    {
        var request = Create(call.Method, url, token, call.Schema == DefaultSchema ? null : call.Schema);
        if (call.Prefer is not null)
        {
            request.Headers.TryAddWithoutValidation("Prefer", call.Prefer);
        }

        if (!call.Body.IsEmpty)
        {
            // The message is disposed after its attempt; the memory stays the caller's.
            request.Content = new ReadOnlyMemoryContent(call.Body);
            request.Content.Headers.ContentType = JsonType;
        }

        return request;
    }

    private HttpRequestMessage Create(HttpMethod method, Uri url, SessionToken token, string? schema)
    {
        var request = new HttpRequestMessage(method, url)
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
            headers.TryAddWithoutValidation(method == HttpMethod.Get ? "Accept-Profile" : "Content-Profile", schema);
        }

        headers.TryAddWithoutValidation("User-Agent", ClientName.Value);
        headers.TryAddWithoutValidation("X-Client-Info", ClientName.Value);
        return request;
    }
}
