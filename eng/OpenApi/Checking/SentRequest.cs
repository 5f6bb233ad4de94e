namespace OpenApi.Checking;

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
        var headers = message.Headers.NonValidated.ToDictionary(static header => header.Key, static header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase);
        using var body = new MemoryStream();
        if (message.Content is { } content)
        {
            foreach (var header in content.Headers.NonValidated)
            {
                headers[header.Key] = header.Value.ToString();
            }

            await content.CopyToAsync(body, cancellationToken);
        }

        return new SentRequest(message.Method.Method, message.RequestUri!.AbsolutePath, message.RequestUri.Query, headers, body.ToArray());
    }
}
