using System.IO.Compression;
using System.Xml.Linq;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The packages of this clone, in a folder.</summary>
internal sealed class PackageFeed(string folder, string version)
{
    private const string Templates = "Agent.Sync.Templates";

    private static readonly Dictionary<string, string> Folders = new()
    {
        ["Agent.Sync"] = "Agent.Sync",
        ["Agent.Sync.EntityFrameworkCore"] = "Agent.Sync.EntityFrameworkCore",
        ["Agent.Sync.Hosting"] = "Agent.Sync.Hosting",
        ["Agent.Sync.OpenTelemetry"] = "Agent.Sync.OpenTelemetry",
        ["Agent.Sync.Sqlite"] = "Agent.Sync.Sqlite.Bundle",
        ["Agent.Sync.Sqlite.Core"] = "Agent.Sync.Sqlite",
        ["Agent.Sync.Testing"] = "Agent.Sync.Testing",
    };

    /// <summary>Gets the packages of libraries. The feed has the <see cref="Templates"/> too.</summary>
    public static IReadOnlyCollection<string> Ids => Folders.Keys;

    public string Folder => folder;

    public string Version => version;

    /// <summary>Gets the file of the package of templates.</summary>
    public string TemplatesFile => FileOf(Templates);

    /// <summary>Packs what the tests were built with, under a version that no other feed has.</summary>
    public static async Task<PackageFeed> PackAsync(string parent)
    {
        PackageFeed feed = new(Path.Combine(parent, "feed"), $"0.1.0-test.{Guid.NewGuid():N}");
        var projects = string.Join(';', Folders.Append(new(Templates, Templates)).Select(static project => Path.Combine(Repository.Root, "src", project.Value, $"{project.Key}.csproj")));
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

    /// <summary>Lets the projects in a folder restore from here.</summary>
    public async Task ConfigureAsync(string projects)
    {
        // The machine's sources stay as they are; what this clone packs comes from its folder and nowhere else.
        await File.WriteAllTextAsync(
            Path.Combine(projects, "nuget.config"),
            $"""
            <configuration>
              <packageSources>
                <add key="packed" value="{folder}" />
              </packageSources>
              <packageSourceMapping>
                <packageSource key="packed">
                  <package pattern="Agent.Sync*" />
                </packageSource>
                <packageSource key="nuget.org">
                  <package pattern="*" />
                </packageSource>
              </packageSourceMapping>
            </configuration>
            """);

        // A packages folder of their own, so that the machine's keeps no test version; what the machine has already is taken from there.
        await File.WriteAllTextAsync(
            Path.Combine(projects, "Directory.Build.props"),
            $"""
            <Project>
              <PropertyGroup>
                <TreatWarningsAsErrors>true</TreatWarningsAsErrors>
                <RestorePackagesPath>$(MSBuildThisFileDirectory)packages</RestorePackagesPath>
                <RestoreFallbackFolders>{MachinePackages()}</RestoreFallbackFolders>
              </PropertyGroup>
            </Project>
            """);
    }

    private static string MachinePackages()
    {
        var packages = Environment.GetEnvironmentVariable("NUGET_PACKAGES")
            ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        return Directory.Exists(packages) ? packages : string.Empty;
    }

    private ZipArchive Open(string id) => ZipFile.OpenRead(FileOf(id));

    private string FileOf(string id) => Path.Combine(folder, $"{id}.{version}.nupkg");
}
