using System.Text.RegularExpressions;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The packages, used as an app uses them.</summary>
public sealed partial class PackageTests(BackendFixture backends, PackedPackages packed)
{
    private const int Rows = 250;

    private const string Bundle = "Agent.Sync.Sqlite";

    private const string Core = "Agent.Sync.Sqlite.Core";

    private static readonly Dictionary<string, string[]> Dependencies = new()
    {
        ["Agent.Sync"] =
        [
            "Microsoft.Extensions.Configuration.Binder",
            "Microsoft.Extensions.DependencyInjection.Abstractions",
            "Microsoft.Extensions.Http",
            "Microsoft.Extensions.Logging.Abstractions",
            "Microsoft.Extensions.Options",
            "Polly.Core",
        ],
        ["Agent.Sync.EntityFrameworkCore"] = ["Agent.Sync", "Microsoft.EntityFrameworkCore.Relational"],
        ["Agent.Sync.Hosting"] = ["Agent.Sync", "Microsoft.Extensions.Diagnostics.HealthChecks", "Microsoft.Extensions.Hosting.Abstractions"],
        ["Agent.Sync.OpenTelemetry"] = ["Agent.Sync", "OpenTelemetry.Api.ProviderBuilderExtensions"],
        ["Agent.Sync.Sqlite"] = ["Agent.Sync.Sqlite.Core", "Microsoft.Data.Sqlite"],
        ["Agent.Sync.Sqlite.Core"] = ["Agent.Sync", "Microsoft.Data.Sqlite.Core"],
        ["Agent.Sync.Testing"] = ["Agent.Sync"],
    };

    [Fact]
    public async Task Packages_OfThisClone_WorkInAnAppThatHasNothingElse()
    {
        var folder = Directory.CreateTempSubdirectory("agent-sync-packages-");
        try
        {
            var feed = await packed.GetAsync();
            foreach (var id in PackageFeed.Ids)
            {
                AssertContent(feed, id);
            }

            var user = await backends.Main.SignUpWithRowsAsync(Rows);
            PackageApp app = new(Path.Combine(folder.FullName, "app"));
            (await app.BuildAsync(feed, PackageApp.SyncProgram)).AssertExitCode(0);
            var first = (await app.RunAsync(backends.Main, user)).AssertExitCode(0);
            var second = (await app.RunAsync(backends.Main, user)).AssertExitCode(0);

            Assert.Contains($"progress {Rows} of {Rows}", first.Out, StringComparison.Ordinal);
            Assert.Contains($"progress 100 of {Rows}", first.Out, StringComparison.Ordinal);
            Assert.StartsWith($"Completed {Rows} ", LastLine(first), StringComparison.Ordinal);
            Assert.StartsWith("Completed 0 ", LastLine(second), StringComparison.Ordinal);
            Assert.Equal(Rows, await LocalRows.CountAsync(app.Database, "artifacts"));

            // What a reader copies from a page compiles as it stands there.
            foreach (var program in ProgramsOfThePages())
            {
                (await app.BuildAsync(feed, program)).AssertExitCode(0);
            }
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    private static string[] ProgramsOfThePages()
    {
        string[] programs =
        [
            .. from page in new[] { "docs", "samples", "src" }
                   .SelectMany(static folder => Directory.EnumerateFiles(Path.Combine(Repository.Root, folder), "*.md", SearchOption.AllDirectories))
                   .Prepend(Path.Combine(Repository.Root, "README.md"))
               from block in Program().Matches(File.ReadAllText(page).ReplaceLineEndings("\n"))
               select block.Groups[1].Value,
        ];
        Assert.True(programs.Length >= 2);
        return programs;
    }

    [GeneratedRegex("^```csharp\\n(using Agent\\.Sync;.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Program();

    private static void AssertContent(PackageFeed feed, string id)
    {
        var entries = feed.Entries(id);
        Assert.Contains("README.md", entries);
        Assert.Contains("icon.png", entries);
        Assert.Equal(id == "Agent.Sync", entries.Contains("sql/agent_sync_kit.sql"));
        var assembly = id == Core ? Bundle : id;
        string[] expected = id == Bundle ? [] : [$"lib/net10.0/{assembly}.dll", $"lib/net10.0/{assembly}.xml"];
        Assert.Equal(expected, entries.Where(static entry => entry.StartsWith("lib/", StringComparison.Ordinal)).Order(StringComparer.Ordinal));
        Assert.Equal(id != Bundle, File.Exists(Path.Combine(feed.Folder, $"{id}.{feed.Version}.snupkg")));

        var metadata = feed.Metadata(id);
        Assert.Equal(feed.Version, metadata.Element("version")!.Value);
        Assert.Equal("MIT", metadata.Element("license")!.Value);
        Assert.Equal("expression", metadata.Element("license")!.Attribute("type")!.Value);
        Assert.Equal("README.md", metadata.Element("readme")!.Value);
        Assert.Equal("icon.png", metadata.Element("icon")!.Value);
        Assert.NotEmpty(metadata.Element("description")!.Value);
        var dependencies = metadata.Descendants("dependency").ToArray();
        Assert.Equal(Dependencies[id], dependencies.Select(static dependency => dependency.Attribute("id")!.Value).Order(StringComparer.Ordinal));
        Assert.All(
            dependencies.Where(static dependency => dependency.Attribute("id")!.Value.StartsWith("Agent.Sync", StringComparison.Ordinal)),
            dependency =>
            {
                Assert.Equal(feed.Version, dependency.Attribute("version")!.Value);
                // So that the generator of Agent.Sync arrives through every other package.
                Assert.Equal("All", dependency.Attribute("include")?.Value);
            });
    }

    private static string LastLine(ProcessEnd end) => end.Out.TrimEnd().Split('\n')[^1];
}
