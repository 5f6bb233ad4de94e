using System.Text.RegularExpressions;
using Agent.Sync.Tests.Architecture;

namespace Agent.Sync.Tests.Docs;

/// <summary>A Markdown file of the repository.</summary>
internal sealed partial class MarkdownPage
{
    private readonly string _file;

    private MarkdownPage(string file)
    {
        _file = file;
        Text = File.ReadAllText(file).ReplaceLineEndings("\n");
    }

    /// <summary>Gets every page the project ships, by its path from the root.</summary>
    public static IReadOnlyList<MarkdownPage> All { get; } =
    [
        .. new[] { "docs", "src", "eng", "samples", "supabase", "benchmarks" }
            .Select(folder => Path.Combine(SourceTree.Root, folder))
            .Where(Directory.Exists)
            .SelectMany(folder => Directory.EnumerateFiles(folder, "*.md", SearchOption.AllDirectories))
            .Concat(Directory.EnumerateFiles(SourceTree.Root, "*.md"))
            .Where(file => !SourceTree.Relative(file).Split('/').Any(part => part is "node_modules" or "bin" or "obj"))
            .Order(StringComparer.Ordinal)
            .Select(file => new MarkdownPage(file)),
    ];

    public string RelativePath => SourceTree.Relative(_file);

    public string Text { get; }

    /// <summary>Gets the targets of the page's links, without those in code.</summary>
    public IEnumerable<string> Links => Link().Matches(Code().Replace(Text, string.Empty)).Select(match => match.Groups[1].Value);

    /// <summary>Gets the C# blocks.</summary>
    public IEnumerable<string> CSharp => CSharpBlock().Matches(Text).Select(match => match.Groups[1].Value.TrimEnd());

    /// <summary>Gets the anchors of the headings, as they are made on the web.</summary>
    public IReadOnlySet<string> Anchors => Heading().Matches(Code().Replace(Text, string.Empty))
        .Select(match => NotInAnchor().Replace(match.Groups[1].Value.Trim().ToLowerInvariant(), string.Empty).Replace(' ', '-'))
        .ToHashSet(StringComparer.Ordinal);

    public static MarkdownPage Of(string path) => All.Single(page => page.RelativePath == path);

    public string Resolve(string target) => Path.GetFullPath(Path.Combine(Path.GetDirectoryName(_file)!, target));

    /// <summary>Returns the cells of every table row whose first cell has this text.</summary>
    public IEnumerable<string[]> Rows(string firstCell) => Text.Split('\n')
        .Where(line => line.StartsWith($"| {firstCell} |", StringComparison.Ordinal))
        .Select(line => line.Trim().Trim('|').Split('|', StringSplitOptions.TrimEntries));

    public override string ToString() => RelativePath;

    [GeneratedRegex(@"\]\(([^)\s]+)\)")]
    private static partial Regex Link();

    [GeneratedRegex(@"^```.*?^```|`[^`\n]+`(?!\])", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex Code();

    [GeneratedRegex(@"^```csharp\n(.*?)^```", RegexOptions.Multiline | RegexOptions.Singleline)]
    private static partial Regex CSharpBlock();

    [GeneratedRegex(@"^#+ (.+)$", RegexOptions.Multiline)]
    private static partial Regex Heading();

    [GeneratedRegex(@"[^\w\- ]")]
    private static partial Regex NotInAnchor();
}
