namespace Agent.Sync.Tests.Architecture;

public sealed class TestConventionTests
{
    // Folders whose subject is no folder of the project under test.
    private static readonly Dictionary<string, string> OwnFolders = new(StringComparer.Ordinal)
    {
        ["Agent.Sync.Tests/Architecture"] = "the rules of the source tree",
        ["Agent.Sync.Tests/Attack"] = "a hostile server, network or neighbour, against the whole engine",
        ["Agent.Sync.Tests/Contract"] = "docs/openapi.json",
        ["Agent.Sync.Tests/Docs"] = "the pages and their code blocks",
        ["Agent.Sync.Tests/Fakes"] = "what several folders share",
        ["Agent.Sync.Tests/Testing"] = "src/Agent.Sync.Testing",
        ["Agent.Sync.Cli.Tests/Docs"] = "docs/console.md",
        ["Agent.Sync.Sqlite.Tests/Conformance"] = "the suites of Agent.Sync.Testing, run over the store",
        ["Agent.Sync.Sqlite.Tests/EntityFramework"] = "an app whose tables EF Core makes",
    };

    [Fact]
    public void Types_OfAllTestProjects_HaveOneNameEach()
    {
        var offenders =
            from file in SourceTree.CodeFiles("tests")
            // Its names are the official client's.
            where !SourceTree.Relative(file).StartsWith("tests/Agent.Sync.Supabase.Shape/", StringComparison.Ordinal)
            let text = File.ReadAllText(file)
            from match in SourceText.TopLevelType().Matches(text)
            group (Space: SourceText.Namespace(text), File: SourceTree.Relative(file)) by match.Groups["name"].Value into name
            where name.Select(static type => type.Space).Distinct().Count() > 1
            select $"{name.Key}: {string.Join(", ", name.Select(static type => type.File))}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Folders_OfATestProject_AreThoseOfTheProjectUnderTest()
    {
        var offenders =
            from project in Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "tests"), "*.Tests")
            let source = Path.Combine(SourceTree.Root, "src", Path.GetFileName(project)[..^".Tests".Length])
            where Directory.Exists(source)
            from folder in SourceTree.CodeFiles(project).Select(static file => Path.GetDirectoryName(file)!).Distinct()
            let inside = Path.GetRelativePath(project, folder)
            where !OwnFolders.ContainsKey($"{Path.GetFileName(project)}/{inside.Split(Path.DirectorySeparatorChar)[0]}")
            where !Directory.Exists(Path.Combine(source, inside))
            select SourceTree.Relative(folder);

        Assert.Empty(offenders);
    }

    [Fact]
    public void Namespaces_OfTests_FollowTheFolders()
    {
        var offenders =
            from project in Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "tests"), "*Tests")
            from file in SourceTree.CodeFiles(project)
            let found = SourceText.Namespace(File.ReadAllText(file))
            where found.Length > 0
            let expected = Path.GetRelativePath(Path.Combine(SourceTree.Root, "tests"), Path.GetDirectoryName(file)!).Replace(Path.DirectorySeparatorChar, '.')
            where found != expected
            select $"{SourceTree.Relative(file)}: {found} instead of {expected}";

        Assert.Empty(offenders);
    }
}
