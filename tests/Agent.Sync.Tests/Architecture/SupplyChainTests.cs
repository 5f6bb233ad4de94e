using System.Text.Json;
using System.Xml.Linq;

namespace Agent.Sync.Tests.Architecture;

/// <summary>What is built comes from where it should, in the version that was looked at, under a licence that may be shipped.</summary>
public sealed class SupplyChainTests
{
    private static readonly string[] Licences = ["MIT", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "PostgreSQL"];

    // Packages of Microsoft's from before nuspec files had expressions; both refer to an MIT licence or to .NET's library terms.
    private static readonly string[] OlderLicences = ["microsoft.netcore.platforms", "netstandard.library"];

    // Templates are the user's projects; the native app and the peer's benchmark are restored for a platform, or not at all.
    private static readonly string[] Unlocked = ["src/Agent.Sync.Templates/agent-sync-worker/", "src/Agent.Sync.Templates/agent-sync-console/", "tests/Agent.Sync.AotSmokeTest/", "benchmarks/peers/"];

    private static IEnumerable<string> Projects => new[] { "src", "tests", "samples", "benchmarks", "eng" }
        .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(SourceTree.Root, folder), "*.csproj", SearchOption.AllDirectories))
        .Where(static file => !SourceTree.Relative(file).Split('/').Any(static part => part is "obj" or "bin" or "node_modules")
            && !Unlocked.Any(folder => SourceTree.Relative(file).StartsWith(folder, StringComparison.Ordinal)));

    [Fact]
    public void Sources_OfPackages_AreMappedByPatternAndNamedByKeyAlone()
    {
        var config = XDocument.Load(Path.Combine(SourceTree.Root, "nuget.config")).Root!;
        var mapping = config.Element("packageSourceMapping")!;

        Assert.Null(config.Element("packageSources"));
        Assert.Equal("clear", mapping.Elements().First().Name.LocalName);
        Assert.Equal(["nuget.org"], mapping.Elements("packageSource").Select(static source => (string?)source.Attribute("key")));
    }

    [Fact]
    public void Restore_OfEveryProject_IsAuditedAsAnErrorAndLocked()
    {
        var properties = XDocument.Load(Path.Combine(SourceTree.Root, "Directory.Build.props")).Descendants().Where(static element => !element.HasElements).ToLookup(static element => element.Name.LocalName, static element => element.Value);

        Assert.Equal(["true"], properties["NuGetAudit"]);
        Assert.Equal(["all"], properties["NuGetAuditMode"]);
        Assert.Equal(["low"], properties["NuGetAuditLevel"]);
        Assert.Equal(["true"], properties["TreatWarningsAsErrors"]);
        Assert.Equal(["$(WarningsNotAsErrors);NU1900"], properties["WarningsNotAsErrors"]);
        Assert.Equal(["true"], properties["RestorePackagesWithLockFile"]);
        Assert.Equal(["true"], properties["RestoreLockedMode"]);
    }

    [Fact]
    public void Versions_OfAllPackages_AreFixedAndInOnePlace()
    {
        var versions = XDocument.Load(Path.Combine(SourceTree.Root, "Directory.Packages.props"));
        var properties = versions.Descendants("PropertyGroup").Elements().ToDictionary(static property => $"$({property.Name.LocalName})", static property => property.Value, StringComparer.Ordinal);
        var floating = versions.Descendants("PackageVersion").Select(package => (string)package.Attribute("Version")!).Select(version => properties.Aggregate(version, static (text, property) => text.Replace(property.Key, property.Value, StringComparison.Ordinal)))
            .Where(static version => !System.Text.RegularExpressions.Regex.IsMatch(version, @"^\d+(\.\d+){1,3}(-[a-z]+\.\d+)?$"));
        var elsewhere = from project in Projects
                        from reference in XDocument.Load(project).Descendants("PackageReference")
                        where reference.Attribute("Version") is not null || reference.Attribute("VersionOverride") is not null
                        select $"{SourceTree.Relative(project)}: {reference.Attribute("Include")?.Value}";

        Assert.Empty(floating);
        Assert.Empty(elsewhere);
    }

    [Fact]
    public void LockFile_OfEveryProject_HasAHashForEachPackage()
    {
        var offenders = new List<string>();
        foreach (var project in Projects)
        {
            var file = Path.Combine(Path.GetDirectoryName(project)!, "packages.lock.json");
            if (!File.Exists(file))
            {
                offenders.Add($"{SourceTree.Relative(project)} has no lock file");
                continue;
            }

            offenders.AddRange(Locked(file).Where(static package => package.Hash.Length < 80).Select(package => $"{SourceTree.Relative(file)}: {package.Id}"));
        }

        Assert.Empty(offenders);
    }

    [Fact]
    public void Licences_OfWhatThePackagesUse_MayBeShipped()
    {
        var folder = Environment.GetEnvironmentVariable("NUGET_PACKAGES") ?? Path.Combine(Environment.GetFolderPath(Environment.SpecialFolder.UserProfile), ".nuget", "packages");
        Assert.SkipUnless(Directory.Exists(folder), "The packages are not where NuGet keeps them.");
        var offenders = new SortedSet<string>(StringComparer.Ordinal);
        foreach (var (id, version, _) in Directory.EnumerateFiles(Path.Combine(SourceTree.Root, "src"), "packages.lock.json", SearchOption.AllDirectories).SelectMany(Locked).Distinct())
        {
            var nuspec = Path.Combine(folder, id, version, id + ".nuspec");
            if (!File.Exists(nuspec) || OlderLicences.Contains(id, StringComparer.Ordinal))
            {
                continue;
            }

            var licence = XDocument.Load(nuspec).Descendants().FirstOrDefault(static element => element.Name.LocalName == "license" && (string?)element.Attribute("type") == "expression")?.Value;
            if (!Licences.Contains(licence, StringComparer.Ordinal))
            {
                offenders.Add($"{id} {version}: {licence ?? "no expression"}");
            }
        }

        Assert.Empty(offenders);
    }

    private static IEnumerable<(string Id, string Version, string Hash)> Locked(string file)
    {
        using var document = JsonDocument.Parse(File.ReadAllBytes(file));
        return [.. from framework in document.RootElement.GetProperty("dependencies").EnumerateObject()
                   from package in framework.Value.EnumerateObject()
                   where package.Value.GetProperty("type").GetString() != "Project"
                   select (package.Name.ToLowerInvariant(), package.Value.GetProperty("resolved").GetString()!, package.Value.TryGetProperty("contentHash", out var hash) ? hash.GetString()! : string.Empty)];
    }
}
