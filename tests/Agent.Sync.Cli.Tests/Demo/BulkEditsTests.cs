using Agent.Sync.Cli.Demo;

namespace Agent.Sync.Cli.Tests.Demo;

public sealed class BulkEditsTests
{
    [Theory]
    [InlineData(10_000, 20_000)]
    [InlineData(10_000, 10)]
    [InlineData(100, 10_000)]
    [InlineData(1, 10)]
    [InlineData(10_000_000, 10_000_000)]
    public void Of_AnyNumber_MakesExactlySoManyEditsAndLeavesMostRowsAlone(int changes, int rows)
    {
        var edits = BulkEdits.Of(changes, rows);

        Assert.Equal(changes, edits.Count);
        Assert.InRange(edits.Updates + edits.Deletes, 0, rows / 5);
        Assert.True(edits.Inserts >= 0);
    }
}
