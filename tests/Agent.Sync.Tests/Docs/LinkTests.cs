using System.Text.RegularExpressions;
using Agent.Sync.Tests.Architecture;

namespace Agent.Sync.Tests.Docs;

public sealed partial class LinkTests
{
    [Fact]
    public void Links_WithinTheRepository_LeadSomewhere()
    {
        var offenders =
            from page in MarkdownPage.All
            from link in page.Links
            where !link.Contains("://", StringComparison.Ordinal) && !link.StartsWith("mailto:", StringComparison.Ordinal)
            let parts = link.Split('#', 2)
            let target = parts[0].Length == 0 ? Path.Combine(SourceTree.Root, page.RelativePath) : page.Resolve(parts[0])
            where !Leads(target, parts.Length > 1 ? parts[1] : null)
            select $"{page}: {link}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Pages_OfTheGuide_AreLinkedFromTheReadme()
    {
        var readme = MarkdownPage.Of("README.md").Links.Select(link => link.Split('#')[0]).ToHashSet(StringComparer.Ordinal);

        var missing = MarkdownPage.All
            .Select(page => page.RelativePath)
            .Where(path => path.StartsWith("docs/", StringComparison.Ordinal) && !path.StartsWith("docs/adr/", StringComparison.Ordinal))
            .Where(path => !readme.Contains(path));

        Assert.Empty(missing);
    }

    [Fact]
    public void Tools_NamedInAPage_AreThere()
    {
        var offenders =
            from page in MarkdownPage.All
            from Match tool in Tool().Matches(page.Text)
            where !File.Exists(Path.Combine(SourceTree.Root, tool.Value)) && !Directory.Exists(Path.Combine(SourceTree.Root, tool.Value))
            select $"{page}: {tool.Value}";

        Assert.Empty(offenders);
    }

    private static bool Leads(string target, string? anchor)
    {
        if (!File.Exists(target) && !Directory.Exists(target))
        {
            return false;
        }

        return anchor is null || MarkdownPage.Of(SourceTree.Relative(target)).Anchors.Contains(anchor);
    }

    [GeneratedRegex(@"(?<![\w./-])eng/[\w./-]*\w")]
    private static partial Regex Tool();
}
