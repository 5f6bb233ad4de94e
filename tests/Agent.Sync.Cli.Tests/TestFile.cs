using System.Text;

namespace Agent.Sync.Cli.Tests;

/// <summary>A file of a test, in a folder of its own.</summary>
internal sealed class TestFile : IDisposable
{
    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("agent-sync-file-");

    public TestFile(string text)
        : this(Encoding.UTF8.GetBytes(text))
    {
    }

    public TestFile(byte[] content) => File.WriteAllBytes(Path, content);

    public string Path => System.IO.Path.Combine(_folder.FullName, "agent-sync.json");

    public void Dispose() => _folder.Delete(recursive: true);
}
