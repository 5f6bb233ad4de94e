using Agent.Sync.Checkpoints;
using Agent.Sync.Pull;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Pull;

public sealed class BackfillPassTests
{
    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    [Fact]
    public void Advance_FirstGroup_TakesTheMarkFromTheFirstAnswer()
    {
        var pass = Pass(States.Backfill());
        var first = Pulled(Items.Page((1, 9), (2, 1)));
        var second = Pulled(Items.Page((3, 1)), Items.Noon.AddHours(2));

        Assert.False(pass.EndsAfter(first));
        Assert.False(pass.EndsAfter(second));
        var state = pass.Advance(States.Backfill(), GroupOf(ends: false, first, second));

        Assert.Equal(Items.Text(-Lag), state.Mark);
        Assert.Equal(["3"], state.Ranges[0].Position!);
        Assert.Equal(SyncPhase.Backfill, state.Phase);
        Assert.Equal(3, state.RowsCompleted);
    }

    [Fact]
    public void Advance_LastGroup_GoesOverToADeltaFromTheMark()
    {
        var start = States.Backfill() with { Mark = Items.Text(-9000), RowsCompleted = 40, Ranges = [KeyRange.Everything with { Position = ["8"] }] };
        var pass = Pass(start);
        var last = Items.Pulled(Items.Page(), PageOrder.Key);

        Assert.Equal(["8"], Assert.Single(pass.Ranges!).Position!);
        Assert.True(pass.EndsAfter(last));
        var state = pass.Advance(start, GroupOf(ends: true, last));

        Assert.Equal(SyncPhase.Delta, state.Phase);
        Assert.Equal(CursorPosition.AtOrAfter(Items.Text(-9000)), state.SafePosition);
        Assert.Empty(state.Ranges);
        Assert.Equal(40, state.RowsCompleted);
    }

    [Fact]
    public void Accept_NoDateBeforeTheMark_IsATypedError()
    {
        var pass = Pass(States.Backfill());

        Assert.Throws<SyncProtocolException>(() => pass.EndsAfter(Pulled(Items.Page((1, 1))) with { ServerTime = null }));
    }

    [Fact]
    public void Accept_NoDateOnceTheMarkIsKept_IsNotNeeded()
    {
        var pass = Pass(States.Backfill() with { Mark = Items.Text(-9000) });

        Assert.False(pass.EndsAfter(Pulled(Items.Page((1, 1))) with { ServerTime = null }));
    }

    /// <summary>A page of the one range that there is.</summary>
    private static PulledPage Pulled(Page page, DateTimeOffset? serverTime = null)
    {
        var pulled = Items.Pulled(page, PageOrder.Key, serverTime);
        return pulled with { Unread = [KeyRange.Everything with { Position = pulled.Last!.KeyValues }] };
    }

    private static BackfillPass Pass(CheckpointState start) => new(Items.Dataset, start, new ServerClockBounds(Items.Dataset, Lag));

    private static PageGroup GroupOf(bool ends, params PulledPage[] pages)
    {
        var group = new PageGroup { EndsPass = ends };
        foreach (var page in pages)
        {
            group.Add(page);
        }

        return group;
    }
}
