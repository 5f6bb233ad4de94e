namespace Agent.Sync.Tests.Postgrest;

internal sealed record SeenRequest(string Url, IReadOnlyDictionary<string, string> Headers, string? Body, TimeSpan At)
{
    public string? ContentType { get; private init; }

    public string Query => Url[(Url.IndexOf('?', StringComparison.Ordinal) + 1)..];

    public static SeenRequest From(HttpRequestMessage request, TimeSpan at) => new(
        request.RequestUri!.OriginalString,
        request.Headers.NonValidated.ToDictionary(header => header.Key, header => header.Value.ToString(), StringComparer.OrdinalIgnoreCase),
        request.Content?.ReadAsStringAsync(TestContext.Current.CancellationToken).GetAwaiter().GetResult(),
        at)
    {
        ContentType = request.Content?.Headers.ContentType?.ToString(),
    };
}
