using System.Text.RegularExpressions;
using Agent.Sync.Tests.Architecture;

namespace Agent.Sync.Tests.Docs;

/// <summary>
/// What a page shows as C# is a region of a file that is compiled: between "// snippet: name" and "// end snippet". A whole program, which begins with its usings, is built
/// from the page's own text by the test of the packages.
/// </summary>
public sealed partial class SnippetTests
{
    [Fact]
    public void CSharpBlocks_OfEveryPage_AreCompiledSnippets()
    {
        HashSet<string> snippets =
        [
            .. from folder in new[] { "tests", "samples" }
               from file in SourceTree.CodeFiles(folder)
               from match in Region().Matches(File.ReadAllText(file).ReplaceLineEndings("\n"))
               select Dedent(match.Groups[1].Value),
        ];

        var offenders =
            from page in MarkdownPage.All
            from block in page.CSharp
            where !block.StartsWith("using Agent.Sync;", StringComparison.Ordinal) && !snippets.Contains(block)
            select $"{page}: {block.Split('\n')[0]}";

        Assert.Empty(offenders);
    }

    private static string Dedent(string text)
    {
        var lines = text.Split('\n');
        var indent = lines.Where(line => line.Trim().Length > 0).Min(line => line.Length - line.TrimStart().Length);
        return string.Join('\n', lines.Select(line => line.Length < indent ? string.Empty : line[indent..])).Trim('\n').TrimEnd();
    }

    [GeneratedRegex(@"^[ ]*// snippet: [\w-]+\n(.*?)^[ ]*// end snippet$", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Region();
}
