using System.Text.RegularExpressions;

namespace Agent.Sync.Tests.Architecture;

public sealed partial class SourceConventionTests
{
    /// <summary>Where a type stands in that netstandard2.0 does not have.</summary>
    private const string Framework = "System.Runtime.CompilerServices";

    [Fact]
    public void Namespaces_OfInternalTypes_FollowTheFolders()
    {
        var offenders =
            from project in Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, "src"))
            from file in SourceTree.CodeFiles(project)
            let text = File.ReadAllText(file)
            where !IsPublic(text)
            let found = SourceText.Namespace(text)
            where found.Length > 0
            let folder = Path.GetRelativePath(project, Path.GetDirectoryName(file)!)
            let expected = Path.GetFileName(project) + (folder == "." ? "" : "." + folder.Replace(Path.DirectorySeparatorChar, '.'))
            where found != expected && found != Framework
            select $"{SourceTree.Relative(file)}: {found} instead of {expected}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Namespaces_OfPublicTypes_AreThoseOfTheirReaders()
    {
        string[] namespaces = ["Agent.Sync", "Agent.Sync.Stores", "Agent.Sync.EntityFrameworkCore", "Agent.Sync.Hosting", "Agent.Sync.Sqlite", "Agent.Sync.Testing", "Microsoft.Extensions.DependencyInjection", "OpenTelemetry.Metrics", "OpenTelemetry.Trace"];

        // Read by the compiler and the editor alone.
        string[] extensions = ["Agent.Sync.Generators", "Agent.Sync.CodeFixes"];

        var offenders =
            from file in SourceTree.CodeFiles("src")
            let text = File.ReadAllText(file)
            where IsPublic(text) && !namespaces.Concat(extensions).Contains(SourceText.Namespace(text))
            select $"{SourceTree.Relative(file)}: {SourceText.Namespace(text)}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void Files_InSrc_HoldOneIdea()
    {
        // An enum, a record, a validator or a serializer context may stand with the type that uses it.
        var offenders =
            from file in SourceTree.CodeFiles("src")
            let types = SourceText.TopLevelType().Matches(File.ReadAllText(file))
                .Where(match => match.Groups["kind"].Value is not ("enum" or "record" or "record struct") && !SitsWithItsUser().IsMatch(match.Groups["name"].Value))
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

    /// <summary>So that every sample compiles in the gate, as it stands there.</summary>
    [Fact]
    public void Projects_OfTheRepository_AreInTheSolution()
    {
        var solution = File.ReadAllText(Path.Combine(SourceTree.Root, "Agent.Sync.sln")).Replace('\\', '/');

        var missing =
            from folder in new[] { "src", "samples", "tests", "benchmarks", "eng" }
            from directory in Directory.EnumerateDirectories(Path.Combine(SourceTree.Root, folder))
            from project in Directory.EnumerateFiles(directory, "*.csproj")
            let path = SourceTree.Relative(project)
            where !solution.Contains($"\"{path}\"", StringComparison.Ordinal)
            select path;

        Assert.Empty(missing);
    }

    private static bool IsPublic(string text) =>
        SourceText.TopLevelType().Matches(text).Any(static match => match.Groups["modifiers"].Value.Contains("public", StringComparison.Ordinal));

    [GeneratedRegex("(?:Validator|JsonContext)$")]
    private static partial Regex SitsWithItsUser();

    [GeneratedRegex(@"^\s*#region|//.*\b(?:TO" + "DO|FIX" + "ME|HA" + @"CK)\b")]
    private static partial Regex Leftover();
}
