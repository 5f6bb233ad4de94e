using System.Reflection;
using Agent.Sync.Tests.Architecture.Fixtures;

namespace Agent.Sync.Tests.Architecture;

public sealed class ConformanceCoverageTests
{
    [Fact]
    public void Suites_OfTheTestingPackage_AreRunAgainstEveryStore()
    {
        var suites = ConformanceCoverage.SuitesIn(Assembly.Load("Agent.Sync.Testing").GetExportedTypes());
        IEnumerable<Type> stores = new[] { "Agent.Sync", "Agent.Sync.Sqlite" }.SelectMany(name => Assembly.Load(name).GetTypes());
        string[] sources = [.. SourceTree.CodeFiles("tests").Select(File.ReadAllText)];

        Assert.Empty(ConformanceCoverage.Missing(suites, stores, sources));
    }

    [Fact]
    public void Missing_SuiteThatNoTestDerives_NamesSuiteAndStore()
    {
        var suites = ConformanceCoverage.SuitesIn([typeof(SampleSuite), typeof(SampleStore)]);

        IReadOnlyList<string> missing = ConformanceCoverage.Missing(suites, [typeof(SampleStore)], ["public sealed class Tests : OtherSuite { SampleStore s; }"]);

        Assert.Equal("SampleSuite is not run against SampleStore", Assert.Single(missing));
    }

    [Fact]
    public void Missing_SuiteThatATestDerives_IsEmpty()
    {
        var suites = ConformanceCoverage.SuitesIn([typeof(SampleSuite)]);

        Assert.Empty(ConformanceCoverage.Missing(suites, [typeof(SampleStore)], ["public sealed class Tests : SampleSuite { SampleStore s; }"]));
    }
}
