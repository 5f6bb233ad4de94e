namespace Agent.Sync.Tests.Files;

/// <summary>A directory of one test's own, gone when the test ends.</summary>
internal sealed class TemporaryDirectory : IDisposable
{
    private readonly DirectoryInfo _root = Directory.CreateTempSubdirectory("agent-sync-");

    public string Path => System.IO.Path.Combine(_root.FullName, "store");

    public string Root => _root.FullName;

    public void Dispose() => _root.Delete(recursive: true);
}
