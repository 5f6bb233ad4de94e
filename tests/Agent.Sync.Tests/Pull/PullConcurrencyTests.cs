using Agent.Sync.Pull;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Pull;

public sealed class PullConcurrencyTests
{
    private readonly WriterWatch _writer = new() { Waits = true };

    [Fact]
    public void Record_EachStepBringsMore_DoublesUpToTheMost()
    {
        var concurrency = new PullConcurrency(12, _writer);
        var targets = new List<(int Pages, int Target)>();
        for (var page = 1; page <= 60; page++)
        {
            var before = concurrency.Target;
            Record(concurrency, milliseconds: 30);
            if (concurrency.Target != before)
            {
                targets.Add((page, concurrency.Target));
            }
        }

        // Four pages alone; then those that were under way at the change do not count.
        Assert.Equal([(4, 2), (4 + 1 + 4, 4), (9 + 2 + 4, 8), (15 + 4 + 8, 12)], targets);
    }

    [Fact]
    public void Record_WriterIsBusy_StaysAtOne()
    {
        _writer.Waits = false;
        var concurrency = new PullConcurrency(12, _writer);

        Record(concurrency, milliseconds: 30, pages: 100);

        Assert.Equal(1, concurrency.Target);
    }

    [Fact]
    public void Record_QuickPages_StaysAtOne()
    {
        var concurrency = new PullConcurrency(12, _writer);

        Record(concurrency, milliseconds: 3, pages: 100);

        Assert.Equal(1, concurrency.Target);
    }

    [Fact]
    public void Record_ServerThatAnswersOneAfterTheOther_GoesBackAndRests()
    {
        var concurrency = new PullConcurrency(12, _writer);
        var targets = new List<int>();
        for (var page = 0; page < 120; page++)
        {
            Record(concurrency, 10 * concurrency.Target);
            targets.Add(concurrency.Target);
        }

        Assert.Equal(2, targets.Max());
        Assert.Equal(5, targets.Count(static target => target == 2));
    }

    [Fact]
    public void Record_ServerThatAnswersFourAtOnce_StaysAtFour()
    {
        var concurrency = new PullConcurrency(12, _writer);
        Record(concurrency, milliseconds: 30, pages: 15);
        for (var page = 0; page < 100; page++)
        {
            Record(concurrency, concurrency.Target <= 4 ? 30 : 30 * concurrency.Target / 4);
        }

        Assert.Equal(4, concurrency.Target);
    }

    [Fact]
    public void Record_ServerBecomesFaster_TriesAgain()
    {
        var concurrency = new PullConcurrency(12, _writer);
        for (var page = 0; page < 100; page++)
        {
            Record(concurrency, 10 * concurrency.Target);
        }

        Record(concurrency, milliseconds: 30, pages: 300);

        Assert.Equal(12, concurrency.Target);
    }

    [Fact]
    public void Record_PageSizeChanges_StartsTheRoundAnew()
    {
        var concurrency = new PullConcurrency(12, _writer);
        Record(concurrency, milliseconds: 30, pages: 3);

        concurrency.Record(Pulled(30, Items.Page((1, 1))) with { Asked = 2 });

        Assert.Equal(1, concurrency.Target);
    }

    [Fact]
    public void Record_LargePages_KeepsWhatIsUnderWaySmall()
    {
        var concurrency = new PullConcurrency(12, _writer);

        using var large = Items.Parse(Items.Dataset, [("1", new string('x', 5_000_000))]);
        for (var page = 0; page < 100; page++)
        {
            concurrency.Record(Pulled(30, large));
        }

        Assert.Equal(3, concurrency.Target);
    }

    [Fact]
    public void Halve_Repeatedly_EndsAtOne()
    {
        var concurrency = new PullConcurrency(12, _writer);
        Record(concurrency, milliseconds: 30, pages: 100);
        var targets = new List<int>();
        for (var turn = 0; turn < 5; turn++)
        {
            concurrency.Halve();
            targets.Add(concurrency.Target);
        }

        Assert.Equal([6, 3, 1, 1, 1], targets);
    }

    private static void Record(PullConcurrency concurrency, int milliseconds, int pages = 1)
    {
        for (var page = 0; page < pages; page++)
        {
            concurrency.Record(Pulled(milliseconds, Items.Page((1, 1))));
        }
    }

    private static PulledPage Pulled(int milliseconds, Page page) =>
        new(page, null, Items.Noon, Total: null, IsFull: true) { Asked = 1, Elapsed = TimeSpan.FromMilliseconds(milliseconds) };
}
