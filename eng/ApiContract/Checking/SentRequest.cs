using System.Net.Http.Headers;

namespace ApiContract.Checking;

/// <summary>A request as it is sent.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, without the query.</param>
/// <param name="Query">The query as it is sent, with or without its question mark.</param>
/// <param name="Headers">All headers, those of the body among them; several values of one name are joined.</param>
/// <param name="Body">The body; empty for none.</param>
public sealed record SentRequest(
    string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, ReadOnlyMemory<byte> Body)
{
    /// <summary>Reads a message without using its body up.</summary>
    public static async Task<SentRequest> OfAsync(HttpRequestMessage message, CancellationToken cancellationToken)
    {
        using var body = new MemoryStream();
        if (message.Content is { } content)
        {
            await content.CopyToAsync(body, cancellationToken);
        }

        return Of(message, body.ToArray());
    }

    /// <summary>Reads a message whose body is known.</summary>
    public static SentRequest Of(HttpRequestMessage message, ReadOnlyMemory<byte> body)
    {
        IEnumerable<KeyValuePair<string, HeaderStringValues>> headers = message.Content is { } content
            ? [.. message.Headers.NonValidated, .. content.Headers.NonValidated]
            : message.Headers.NonValidated;
        return new SentRequest(
            message.Method.Method,
            message.RequestUri!.AbsolutePath,
            message.RequestUri.Query,
            headers.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
            body);
    }
}
