namespace Agent.Sync.Tests.Docs;

public sealed class TroubleshootingPageTests
{
    [Fact]
    public void ErrorKinds_EveryOne_HasARowWithMeaningAndAdvice()
    {
        var page = MarkdownPage.Of("docs/troubleshooting.md");

        Assert.All(Enum.GetNames<SyncErrorKind>(), kind =>
        {
            var row = Assert.Single(page.Rows($"`{kind}`"));
            Assert.Equal(3, row.Length);
            Assert.DoesNotContain(string.Empty, row);
        });
    }

    [Fact]
    public void Outcomes_ThatNeedADecision_HaveASection()
    {
        var anchors = MarkdownPage.Of("docs/resume-and-interruptions.md").Anchors;

        var outcomes = Enum.GetNames<SyncOutcome>().Except([nameof(SyncOutcome.Completed)]);

        Assert.All(outcomes, outcome => Assert.Contains(outcome.ToLowerInvariant(), anchors));
    }

    [Fact]
    public void ResyncReasons_EveryOne_HasARow()
    {
        var page = MarkdownPage.Of("docs/resume-and-interruptions.md");

        var reasons = Enum.GetNames<ResyncReason>().Except([nameof(ResyncReason.None)]);

        Assert.All(reasons, reason => Assert.Single(page.Rows($"`{reason}`")));
    }
}
