using System.Text.RegularExpressions;

namespace Agent.Sync.Tests.Architecture;

public sealed partial class SourceConventionTests
{
    [Fact]
    public void Namespaces_OfEveryFile_FollowTheFolders()
    {
        var offenders =
            from project in Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src"))
            from file in SourceTree.CodeFiles(project)
            let found = NamespaceLine().Match(File.ReadAllText(file)).Groups[1].Value
            where found.Length > 0
            let folder = Path.GetRelativePath(project, Path.GetDirectoryName(file)!)
            let expected = Path.GetFileName(project) + (folder == "." ? "" : "." + folder.Replace(Path.DirectorySeparatorChar, '.'))
            where found != expected
            select $"{SourceTree.Relative(file)}: {found} instead of {expected}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Files_InSrc_HoldOneTopLevelType()
    {
        var offenders =
            from file in SourceTree.CodeFiles("src")
            let types = TopLevelType().Matches(File.ReadAllText(file))
                .Where(match => match.Groups["kind"].Value != "enum" && !match.Groups["name"].Value.EndsWith("Validator", StringComparison.Ordinal))
                .Select(match => match.Groups["name"].Value)
                .Distinct()
                .ToArray()
            where types.Length > 1
            select $"{SourceTree.Relative(file)}: {string.Join(", ", types)}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Files_InTheProject_HaveNoRegionsAndNoNotesToSelf()
    {
        var offenders =
            from folder in new[] { "src", "samples", "tests", "benchmarks", "eng" }
            from file in SourceTree.CodeFiles(folder)
            from line in File.ReadLines(file)
            where Leftover().IsMatch(line)
            select $"{SourceTree.Relative(file)}: {line.Trim()}";

        Assert.Empty(offenders);
    }

    [GeneratedRegex(@"^namespace ([\w.]+)\s*[;{]?", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();

    [GeneratedRegex(@"^(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe) )*(?<kind>class|interface|enum|struct|record(?: class| struct)?|delegate [\w<>?,. ]+?) (?<name>[A-Z]\w*)", RegexOptions.Multiline)]
    private static partial Regex TopLevelType();

    [GeneratedRegex(@"^\s*#region|//.*\b(?:TO" + "DO|FIX" + "ME|HA" + @"CK)\b")]
    private static partial Regex Leftover();
}
