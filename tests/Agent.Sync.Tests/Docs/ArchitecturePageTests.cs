using System.Text.RegularExpressions;
using Agent.Sync.Tests.Architecture;

namespace Agent.Sync.Tests.Docs;

/// <summary>The map agrees with the land. That its links lead somewhere is checked with every page's.</summary>
public sealed partial class ArchitecturePageTests
{
    private static readonly MarkdownPage Page = MarkdownPage.Of("docs/architecture.md");

    [Theory]
    [InlineData("src/Agent.Sync")]
    [InlineData("src/Agent.Sync.Sqlite")]
    public void Folders_OfALibrary_AreOnTheMap(string project)
    {
        var folders = SourceTree.CodeFiles(project)
            .Select(file => SourceTree.Relative(Path.GetDirectoryName(file)!))
            .Distinct();

        var links = Page.Links.Select(static link => link.Split('#')[0]).ToHashSet(StringComparer.Ordinal);

        var missing = folders.Where(folder => folder != "src/Agent.Sync.Sqlite" && !links.Contains("../" + folder)).ToArray();
        Assert.Empty(missing);
    }

    [Fact]
    public void Types_OnTheMap_LieInTheFileThatIsLinked()
    {
        var offenders =
            from Match link in TypeLink().Matches(Page.Text)
            where Path.GetFileNameWithoutExtension(link.Groups["path"].Value) != link.Groups["type"].Value
                || !SourceText.TopLevelType().Matches(File.ReadAllText(Page.Resolve(link.Groups["path"].Value))).Any(type => type.Groups["name"].Value == link.Groups["type"].Value)
            select link.Value;

        Assert.Empty(offenders);
    }

    [Fact]
    public void TestFolders_OnTheMap_AreThere()
    {
        var folders = TestFolder().Matches(Page.Text).Select(static match => match.Value).ToArray();

        Assert.NotEmpty(folders);
        Assert.All(folders, static folder => Assert.True(Directory.Exists(Path.Combine(SourceTree.Root, folder)), folder));
    }

    [GeneratedRegex(@"\[(?<type>\w+)\]\((?<path>[^)]+\.cs)\)")]
    private static partial Regex TypeLink();

    [GeneratedRegex(@"(?<=`)tests/[\w./]+")]
    private static partial Regex TestFolder();
}
