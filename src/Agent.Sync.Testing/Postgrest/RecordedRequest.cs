namespace Agent.Sync.Testing;

/// <summary>A request that a <see cref="PostgrestDouble"/> received. Immutable.</summary>
/// <param name="Method">The HTTP method.</param>
/// <param name="Path">The path, without the query.</param>
/// <param name="Query">The query as it was sent, with its question mark; empty when there is none.</param>
/// <param name="Headers">The headers; several values are joined by a comma and a space. Names compare without case.</param>
/// <param name="At">The server's time.</param>
public sealed record RecordedRequest(
    string Method, string Path, string Query, IReadOnlyDictionary<string, string> Headers, DateTimeOffset At)
{
    /// <summary>Gets the body; empty when there is none.</summary>
    public string Body { get; init; } = string.Empty;

    /// <summary>Gets the query without its percent-encoding, for tests that compare it.</summary>
    public string DecodedQuery => Uri.UnescapeDataString(Query);

    /// <summary>Returns one header.</summary>
    /// <param name="name">The header's name.</param>
    /// <returns>The value, or null when it was not sent.</returns>
    public string? Header(string name) => Headers.GetValueOrDefault(name);
}
