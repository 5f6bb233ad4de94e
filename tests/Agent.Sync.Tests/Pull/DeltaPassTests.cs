using Agent.Sync.Checkpoints;
using Agent.Sync.Kit;
using Agent.Sync.Pull;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;
using CsCheck;

namespace Agent.Sync.Tests.Pull;

public sealed class DeltaPassTests
{

    [Fact]
    public void Advance_LaterKeyOfTheSameTime_IsTheNewPosition()
    {
        var pass = Pass(State(-900));
        var state = pass.Advance(State(-900), Group(pass, Items.Page((1, -800))));
        state = pass.Advance(state, Group(pass, Items.Page((2, -800))));
        Assert.Equal(new CursorPosition(PageOrder.Cursor, Items.Text(-800), ["2"]), state.SafePosition);
    }

    private static readonly TimeSpan Lag = TimeSpan.FromMinutes(5);

    [Fact]
    public void Advance_AnyPagesAndGroups_SettlesAtTheModelsPosition()
    {
        // Times in seconds after noon; the server says noon, so everything up to -300 may settle.
        Gen.Select(Gen.Int[-900, 900].Array[0, 12], Gen.Int[-1200, 2], Gen.Int[1, 3], Gen.Bool).Sample((times, old, groupSize, finishes) =>
        {
            Array.Sort(times);
            var state = State(old);
            var pass = Pass(state);
            var group = new PageGroup();
            var groups = 0;
            var ended = false;
            double position = double.NegativeInfinity;
            for (var page = 0; page <= times.Length && !ended; page++)
            {
                if (page == times.Length && !finishes)
                {
                    break;
                }

                var pulled = Items.Pulled(page < times.Length ? Items.Page((page, times[page])) : Items.Page());
                ended = pass.EndsAfter(pulled);
                group.Add(pulled);
                group.EndsPass = ended;
                position = page < times.Length ? times[page] : double.PositiveInfinity;
                if (ended || group.Pages.Count == groupSize)
                {
                    var before = Seconds(state);
                    state = pass.Advance(state, group);
                    groups++;
                    Assert.Equal(Math.Max(before, Math.Min(position, -300)), Seconds(state));
                    group = new PageGroup();
                }
            }

            var above = Array.FindIndex(times, time => time > 2);
            Assert.Equal(above >= 0 || finishes, ended);
            Assert.True(groups <= times.Length + 1);
        });
    }

    [Fact]
    public void Advance_WhileTheNextGroupReachedTheEnd_SettlesAtItsOwnRowsOnly()
    {
        // The next group is gathered while this one is applied: what it saw must not count yet.
        var pass = Pass(State(-900));
        var first = Group(pass, Items.Page((1, -800)));
        _ = Group(pass, Items.Page((2, -700)), Items.Page());

        var state = pass.Advance(State(-900), first);

        Assert.Equal(new CursorPosition(PageOrder.Cursor, Items.Text(-800), ["1"]), state.SafePosition);
    }

    [Fact]
    public void Accept_PageAcrossTheCeiling_GoesOnToThePageAboveIt()
    {
        var pass = Pass(State(-900));

        Assert.False(pass.EndsAfter(Items.Pulled(Items.Page((1, 1), (2, 5)))));
        Assert.True(pass.EndsAfter(Items.Pulled(Items.Page((3, 6), (4, 7)), isFull: true)));
        Assert.True(pass.HasMore);
    }

    [Fact]
    public void Accept_RowOfTheServersCurrentSecond_IsNotAboveTheCeiling()
    {
        // The Date header is whole seconds, rounded down, and kept for a second.
        Assert.False(Pass(State(-900)).EndsAfter(Items.Pulled(Items.Page((1, 1.8)))));
        Assert.False(Pass(State(-900)).EndsAfter(Items.Pulled(Items.Page((1, 2)))));
        Assert.True(Pass(State(-900)).EndsAfter(Items.Pulled(Items.Page((1, 2.000001)))));
    }

    [Theory]
    [InlineData(2, false)]
    [InlineData(2.000001, true)]
    public void Accept_PositionOfTheServersCurrentSecond_IsNotAhead(double settled, bool isAhead)
    {
        var pass = Pass(State(settled));

        pass.EndsAfter(Items.Pulled(Items.Page()));

        Assert.Equal(isAhead, pass.PositionIsAhead);
    }

    [Fact]
    public void Accept_PageAboveThatIsNotFull_LeavesNothingBehind()
    {
        var pass = Pass(State(-900));

        Assert.True(pass.EndsAfter(Items.Pulled(Items.Page((3, 6)))));
        Assert.False(pass.HasMore);
    }

    [Fact]
    public void Accept_InfiniteTime_IsAboveEveryCeiling()
    {
        var pass = Pass(State(-900));
        var pulled = Items.Pulled(Items.Parse(Items.Dataset, [("1", "infinity")]));

        Assert.True(pass.EndsAfter(pulled));
        Assert.Equal(-300, Seconds(pass.Advance(State(-900), GroupOf(pulled))));
    }

    [Fact]
    public void Accept_LaterAnswersTime_MovesNeitherCeilingNorSettled()
    {
        var pass = Pass(State(-900));
        var first = Items.Pulled(Items.Page((1, -800)));
        var later = Items.Pulled(Items.Page((2, 60)), serverTime: Items.Noon.AddHours(1));

        Assert.False(pass.EndsAfter(first));
        Assert.True(pass.EndsAfter(later));
        Assert.Equal(-300, Seconds(pass.Advance(State(-900), GroupOf(first, later))));
    }

    [Fact]
    public void Accept_NoDate_IsATypedError()
    {
        var pass = Pass(State(-900));

        var exception = Assert.Throws<SyncProtocolException>(() => pass.EndsAfter(Items.Pulled(Items.Page((1, 1))) with { ServerTime = null }));

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
    }

    [Fact]
    public void Advance_ServersClockStepsBack_KeepsTheSettledPosition()
    {
        var state = State(0) with { SafePosition = new CursorPosition(PageOrder.Cursor, Items.Text(0), ["7"]) };
        var pass = Pass(state);
        var pulled = Items.Pulled(Items.Page(), serverTime: Items.Noon.AddHours(-1));
        pass.EndsAfter(pulled);

        Assert.Same(state, pass.Advance(state, GroupOf(pulled)));
    }

    [Fact]
    public void Accept_ServersClockStepsBackInBetween_EndsAndKeepsThePosition()
    {
        var state = State(-900);
        var pass = Pass(state);
        var before = Items.Pulled(Items.Page((1, -800)));
        var after = Items.Pulled(Items.Page((2, -700)), serverTime: Items.Noon.AddSeconds(-600));

        Assert.False(pass.EndsAfter(before));
        Assert.True(pass.EndsAfter(after));

        Assert.True(pass.PositionIsAhead);
        Assert.Same(state, pass.Advance(state, GroupOf(before, after)));
    }

    [Fact]
    public void Advance_NothingCameSinceTheSettledTime_KeepsItsKey()
    {
        var state = State(-900) with { SafePosition = new CursorPosition(PageOrder.Cursor, Items.Text(-300), ["7"]) };
        var pass = Pass(state);

        Assert.Same(state, pass.Advance(state, Group(pass, Items.Page())));
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Advance_Tombstones_AreCompleteAtTheirEndOnly(bool isEnd)
    {
        var tombstones = Items.Dataset.Sequenced().Tombstones("agent_sync", "items");
        var state = State(0) with { SafeTombstonePosition = CursorPosition.AtOrAfter("10") };
        var pass = new DeltaPass(tombstones, PageContent.Tombstones, state, new HorizonBounds(new Horizon(100, 100, Items.Noon, HeldSince: null)));
        var group = GroupOf(Items.Pulled(Page.Parse(tombstones, """[{"id":1,"sync_seq":20}]"""u8.ToArray())));
        group.EndsPass = isEnd;

        var next = pass.Advance(state, group);

        Assert.Equal(isEnd ? Items.Noon : (DateTimeOffset?)null, next.SafeAt);
        Assert.Equal("20", next.SafeTombstonePosition!.CursorValue);
    }

    private static CheckpointState State(double settledSeconds) => States.Delta(Items.Text(settledSeconds));

    private static DeltaPass Pass(CheckpointState start) => new(Items.Dataset, PageContent.Rows, start, new ServerClockBounds(Items.Dataset, Lag));

    private static double Seconds(CheckpointState state) =>
        (Items.Microseconds(state.SafePosition!.CursorValue!) - TimestampText.ToMicroseconds(Items.Noon)) / 1e6;

    private static PageGroup Group(DeltaPass pass, params Page[] pages)
    {
        var pulled = pages.Select(page => Items.Pulled(page)).ToArray();
        foreach (var page in pulled)
        {
            pass.EndsAfter(page);
        }

        return GroupOf(pulled);
    }

    private static PageGroup GroupOf(params PulledPage[] pages)
    {
        var group = new PageGroup();
        foreach (var page in pages)
        {
            group.Add(page);
        }

        return group;
    }
}
