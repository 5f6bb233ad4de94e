using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Push;

/// <summary>How many requests are under way at once.</summary>
public sealed class InFlightTests
{
    private readonly PushHarness _harness = new();
    private readonly List<int> _underWay = [];
    private int _now;

    public InFlightTests()
    {
        _harness.Options.Push.BatchRows = 10;
        _harness.Server.Wait = async (_, _, token) =>
        {
            _underWay.Add(++_now);
            await Task.Delay(TimeSpan.FromMilliseconds(100), _harness.Time, token);
            _now--;
        };
    }

    [Fact]
    public async Task Run_ServerIsSlow_GrowsFromOneToTheMaximum()
    {
        _harness.InsertMany(200);

        await _harness.DriveAsync();

        Assert.Equal(1, _underWay[0]);
        Assert.Equal(_harness.Options.Push.MaxRequests, _underWay.Max());
        Assert.Equal(200, _harness.Server.Table.Count);
        Assert.Empty(await _harness.ListAsync());
    }

    [Fact]
    public async Task Run_OneRequestAllowed_NeverHasTwo()
    {
        _harness.Options.Push.MaxRequests = 1;
        _harness.InsertMany(100);

        await _harness.DriveAsync();

        Assert.All(_underWay, static count => Assert.Equal(1, count));
    }

    [Fact]
    public async Task Run_ServerAsksToSlowDown_GoesBackToOne()
    {
        _harness.InsertMany(400);
        _harness.Server.After = (number, _) =>
        {
            if (number == 12)
            {
                _harness.Tally.CountSlowDown();
            }

            return null;
        };

        await _harness.DriveAsync();

        // Those under way come back, then there is one alone, then they grow again.
        Assert.Equal(4, _underWay[12]);
        Assert.Contains(1, _underWay[13..]);
        Assert.Equal(4, _underWay[^1]);
    }

    [Fact]
    public async Task Run_ServerIsFasterThanTheWorkHere_StaysAtOne()
    {
        _harness.Server.Wait = static (_, _, _) => Task.CompletedTask;
        _harness.InsertMany(100);

        await _harness.RunAsync();

        Assert.DoesNotContain(_harness.Log.Lines, static line => line.StartsWith("3008", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Run_OneOfSeveralFails_TheOthersAreSettled()
    {
        _harness.InsertMany(200);
        _harness.Server.After = static (number, _) => number == 9 ? Failures.Lost() : null;

        await Assert.ThrowsAsync<SyncTransportException>(() => _harness.DriveAsync());

        Assert.Equal(10, (await _harness.ListAsync(ChangeState.InFlight)).Count);
        Assert.Equal(_harness.Server.Table.Count - 10, _harness.Counts.Pushed);
    }

    [Fact]
    public async Task Run_SingleWrites_AreUnderWayTogether()
    {
        var rows = Enumerable.Range(1, 512).Select(static id => ((long)id, "old")).ToArray();
        _harness.Options.Push.BatchRows = 512;
        _harness.Share(rows);
        foreach (var (id, _) in rows)
        {
            _harness.Update(id, "new");
        }

        await _harness.DriveAsync(ChangePart.Writes);

        Assert.Equal(4, _underWay.Max());
        Assert.All(rows, row => Assert.Equal("new", _harness.Server.NameOf(row.Item1)));
        Assert.Equal(512, _harness.Server.Calls.Count);
    }
}
