namespace Agent.Sync.Testing.Postgrest;

/// <summary>What the model answers, before anything goes wrong with it.</summary>
internal sealed record ModelAnswer(int Status, ReadOnlyMemory<byte> Body)
{
    /// <summary>Gets a value indicating whether nothing ever comes.</summary>
    public bool IsNeverSent { get; init; }

    public string? ContentType { get; init; } = "application/json; charset=utf-8";

    public IReadOnlyDictionary<string, string> Headers { get; init; } = new Dictionary<string, string>();
}
