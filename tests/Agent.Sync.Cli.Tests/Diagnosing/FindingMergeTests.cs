using Agent.Sync.Cli.Diagnosing;

namespace Agent.Sync.Cli.Tests.Diagnosing;

/// <summary>One answer per check: of what the client saw and what the catalog says, the one that knows more.</summary>
public sealed class FindingMergeTests
{
    [Theory]
    [InlineData(FindingSeverity.Unknown, FindingSeverity.Ok, "read")]
    [InlineData(FindingSeverity.Unknown, FindingSeverity.Error, "read")]
    [InlineData(FindingSeverity.Ok, FindingSeverity.Ok, "")]
    [InlineData(FindingSeverity.Ok, FindingSeverity.Warning, "read")]
    [InlineData(FindingSeverity.Ok, FindingSeverity.Unknown, "seen")]
    [InlineData(FindingSeverity.Error, FindingSeverity.Ok, "seen")]
    [InlineData(FindingSeverity.Error, FindingSeverity.Error, "seen")]
    [InlineData(FindingSeverity.Warning, FindingSeverity.Unknown, "seen")]
    public void Of_TheSameCheck_OneAnswerIsLeft(FindingSeverity seen, FindingSeverity read, string left)
    {
        var merged = FindingMerge.Of([Of("seen", seen)], [Of("read", read)]);

        var finding = Assert.Single(merged);
        Assert.True(left.Length == 0 || finding.What == left, finding.What);
    }

    [Fact]
    public void Of_OtherChecksOrDatasets_AllAreLeft() => Assert.Equal(
        3,
        FindingMerge.Of([Of("a", FindingSeverity.Unknown), Of("b", FindingSeverity.Ok) with { Dataset = "others" }], [Of("c", FindingSeverity.Ok) with { Code = FindingCodes.Index }]).Count);

    private static Finding Of(string what, FindingSeverity severity) => new() { Code = FindingCodes.Key, Severity = severity, Dataset = "notes", What = what };
}
