namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The packages that several tests install. They are packed when the first test asks for them.</summary>
public sealed class PackedPackages : IAsyncDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-sync-feed-");
    private readonly Lazy<Task<PackageFeed>> _feed;

    public PackedPackages() => _feed = new(() => PackageFeed.PackAsync(_folder.FullName));

    public ValueTask DisposeAsync()
    {
        _folder.Delete(recursive: true);
        return ValueTask.CompletedTask;
    }

    internal Task<PackageFeed> GetAsync() => _feed.Value;
}
