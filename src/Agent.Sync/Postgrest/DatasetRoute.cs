namespace Agent.Sync.Postgrest;

/// <summary>What the client keeps per dataset between requests.</summary>
internal sealed class DatasetRoute(string projectUrl, Dataset dataset)
{
    private int _lastBodyLength;

    public PageUrl Url { get; } = new(projectUrl, dataset);

    /// <summary>Gets the schema to ask for; null for the API's default, <c>public</c>.</summary>
    public string? Schema { get; } = dataset.Schema == RequestFactory.DefaultSchema ? null : dataset.Schema;

    /// <summary>Gets or sets the size of the last page's body, the guess for the next.</summary>
    public int LastBodyLength
    {
        get => Volatile.Read(ref _lastBodyLength);
        set => Volatile.Write(ref _lastBodyLength, value);
    }
}
