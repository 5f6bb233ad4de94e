using System.IO.Compression;
using System.Xml.Linq;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The packages of this clone, in a folder.</summary>
internal sealed class PackageFeed(string folder, string version)
{
    private static readonly Dictionary<string, string> Folders = new()
    {
        ["Agent.Sync"] = "Agent.Sync",
        ["Agent.Sync.Sqlite"] = "Agent.Sync.Sqlite.Bundle",
        ["Agent.Sync.Sqlite.Core"] = "Agent.Sync.Sqlite",
        ["Agent.Sync.Testing"] = "Agent.Sync.Testing",
    };

    public static IReadOnlyCollection<string> Ids => Folders.Keys;

    public string Folder => folder;

    public string Version => version;

    /// <summary>Packs what the tests were built with, under a version that no other feed has.</summary>
    public static async Task<PackageFeed> PackAsync(string parent)
    {
        PackageFeed feed = new(Path.Combine(parent, "feed"), $"0.1.0-test.{Guid.NewGuid():N}");
        var projects = string.Join(';', Folders.Select(static project => Path.Combine(Repository.Root, "src", project.Value, $"{project.Key}.csproj")));
        var all = Path.Combine(parent, "pack.proj");
        await File.WriteAllTextAsync(
            all,
            $"""
            <Project>
              <Target Name="PackAll">
                <MSBuild Projects="{projects}" Targets="Pack"
                         Properties="NoBuild=true;Configuration={Repository.Configuration};Version={feed.Version};PackageOutputPath={feed.Folder}" />
              </Target>
            </Project>
            """);
        (await PackageApp.BuildToolAsync(Repository.Root, "msbuild", all, "-t:PackAll", "-nologo", "-v:q")).AssertExitCode(0);
        return feed;
    }

    public IReadOnlyList<string> Entries(string id)
    {
        using var package = Open(id);
        return [.. package.Entries.Select(static entry => entry.FullName)];
    }

    /// <summary>The package's description of itself, its elements without their namespace.</summary>
    public XElement Metadata(string id)
    {
        using var package = Open(id);
        using var nuspec = package.GetEntry($"{id}.nuspec")!.Open();
        var metadata = XDocument.Load(nuspec).Root!.Elements().Single(static element => element.Name.LocalName == "metadata");
        foreach (var element in metadata.DescendantsAndSelf())
        {
            element.Name = element.Name.LocalName;
        }

        return metadata;
    }

    private ZipArchive Open(string id) => ZipFile.OpenRead(Path.Combine(folder, $"{id}.{version}.nupkg"));
}
