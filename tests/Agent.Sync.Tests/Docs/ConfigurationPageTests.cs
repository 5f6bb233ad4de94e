using System.Reflection;
using System.Text.RegularExpressions;
using Agent.Sync.Hosting;
using Agent.Sync.Sqlite;
using Agent.Sync.Tests.Architecture;

namespace Agent.Sync.Tests.Docs;

public sealed partial class ConfigurationPageTests
{
    private static readonly MarkdownPage Page = MarkdownPage.Of("docs/configuration.md");

    [Fact]
    public void Options_OfTheEngine_AreOnThePage() => Assert.Empty(Missing(typeof(SyncOptions), Page));

    [Fact]
    public void Options_OfARun_AreOnThePage() => Assert.Empty(Missing(typeof(SyncRequest), Page));

    [Fact]
    public void Options_OfTheSqliteStore_AreOnItsPage() =>
        Assert.Empty(Missing(typeof(SqliteStoreOptions), MarkdownPage.Of("docs/local-store.md")));

    [Fact]
    public void Options_OfAHostedSync_AreOnItsPage() => Assert.Empty(Missing(typeof(HostedSyncOptions), MarkdownPage.Of("docs/hosting.md")));

    [Fact]
    public void EnvironmentVariables_InTheSourcesAndOnThePage_AreTheSame()
    {
        // The console's own variables are on its page, which its tests compare; a template's program says what to set.
        string[] others = ["src/Agent.Sync.Cli/", "src/Agent.Sync.Templates/"];
        var inSources = SourceTree.CodeFiles("src")
            .Where(file => !others.Any(folder => SourceTree.Relative(file).StartsWith(folder, StringComparison.Ordinal)))
            .SelectMany(file => Variable().Matches(File.ReadAllText(file)));

        Assert.Equal(Distinct(inSources), Distinct(Variable().Matches(Page.Text)));
    }

    private static IReadOnlyList<string> Missing(Type options, MarkdownPage page) =>
        [.. NamesOf(options, string.Empty).Where(name => !page.Rows($"`{name}`").Any())];

    private static IEnumerable<string> NamesOf(Type options, string prefix) => options
        .GetProperties(BindingFlags.Instance | BindingFlags.Public | BindingFlags.DeclaredOnly)
        .Where(property => property.GetIndexParameters().Length == 0)
        .SelectMany(property => property.PropertyType.Name.EndsWith("Options", StringComparison.Ordinal)
            ? NamesOf(property.PropertyType, $"{prefix}{property.Name}.")
            : [prefix + property.Name]);

    private static string[] Distinct(IEnumerable<Match> matches) =>
        [.. matches.Select(match => match.Value).Distinct().Order(StringComparer.Ordinal)];

    [GeneratedRegex("AGENT_SYNC_[A-Z][A-Z_]*[A-Z]")]
    private static partial Regex Variable();
}
