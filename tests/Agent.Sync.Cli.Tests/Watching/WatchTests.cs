using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Watching;
using Agent.Sync.Hosting.Tests;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Cli.Tests.Watching;

/// <summary>The rhythm, the lines and the exit codes of a watch, on a clock of the test's.</summary>
public sealed class WatchTests : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly WaitedTime _time = new();
    private readonly EventLog _output = new();
    private readonly FakeEngine _engine;
    private readonly List<Exception> _refusals = [];
    private int _signIns;

    public WatchTests() => _engine = new FakeEngine(_time);

    public void Dispose() => _stop.Dispose();

    [Fact]
    public async Task Run_AllWell_TellsOneLineForAllRuns()
    {
        var watch = Start();

        await Until(() => _engine.Runs.Count >= 4);
        await _stop.CancelAsync();

        Assert.Equal(0, await watch);
        Assert.Equal(["UpToDate"], States());
        Assert.Equal(1, _signIns);
        Assert.All(_engine.Runs.Zip(_engine.Runs.Skip(1)), static pair => Assert.InRange(pair.Second - pair.First, 26, 35));
    }

    [Fact]
    public async Task Run_ServerAway_TellsItOnceAndBacksOff()
    {
        _engine.ThenFail(FakeEngine.Transient(), times: 4);
        var watch = Start();

        await Until(() => _engine.Runs.Count >= 6);
        await _stop.CancelAsync();

        Assert.Equal(0, await watch);
        Assert.Equal(["Failing", "UpToDate"], States());
        double[] waits = [.. _engine.Runs.Zip(_engine.Runs.Skip(1), static (first, second) => second - first)];
        Assert.True(waits[1] > waits[0] * 1.5 && waits[2] > waits[1] * 1.5 && waits[3] > waits[2] * 1.5, string.Join(", ", waits));
    }

    [Theory]
    [InlineData(SyncOutcome.CompletedWithQuarantine, 5, "UpToDate")]
    [InlineData(SyncOutcome.ResyncRequired, 3, "NeedsDecision")]
    public async Task Run_StoppedBetweenRuns_HasTheCodeOfTheLastOne(SyncOutcome outcome, int exitCode, string state)
    {
        _engine.Then(outcome);
        var watch = Start();

        await Until(() => States().Length > 0);
        await _stop.CancelAsync();

        Assert.Equal(exitCode, await watch);
        Assert.Equal([state], States());
    }

    [Fact]
    public async Task Run_StoppedWhileTheServerIsAway_SaysTryAgain()
    {
        _engine.ThenFail(FakeEngine.Transient());
        var watch = Start();

        await Until(() => States().Length > 0);
        await _stop.CancelAsync();

        Assert.Equal(75, await watch);
    }

    [Fact]
    public async Task Run_StoppedDuringARun_HasNoCodeOfItsOwn()
    {
        _engine.Hangs = true;
        var watch = Start();

        await Until(() => _engine.Runs.Count > 0);
        await _stop.CancelAsync();

        Assert.Null(await watch);
        Assert.Empty(States());
    }

    [Fact]
    public async Task Run_FirstSignInRefused_EndsAtOnce()
    {
        _refusals.Add(new SyncAuthException(SyncErrorKind.AuthRequired, "Wrong."));

        var exception = await Assert.ThrowsAsync<SyncAuthException>(Start);

        Assert.Equal("Wrong.", exception.Message);
        Assert.Empty(_engine.Runs);
        Assert.Empty(States());
    }

    [Fact]
    public async Task Run_ServerAwayAtTheStart_SignsInLater()
    {
        _refusals.AddRange([FakeEngine.Transient(), FakeEngine.Transient()]);
        var watch = Start();

        await Until(() => _engine.Runs.Count >= 1);
        await _stop.CancelAsync();
        await watch;

        Assert.Equal(3, _signIns);
        Assert.Equal(["Failing", "UpToDate"], States());
    }

    [Fact]
    public async Task Run_SessionRefusedLater_SignsInAgain()
    {
        _engine.Then(SyncOutcome.Completed);
        _engine.ThenFail(new SyncAuthException(SyncErrorKind.AuthRequired, "It ended."));
        var watch = Start();

        await Until(() => _engine.Runs.Count >= 3);
        await _stop.CancelAsync();
        await watch;

        Assert.Equal(2, _signIns);
        Assert.Equal(["UpToDate", "SignedOut", "UpToDate"], States());
    }

    private Task<int?> Start()
    {
        WatchedEngine engine = new(_engine, SignInAsync, (request, cancelled) => _engine.SyncAsync(request, null, cancelled), _output, _time, debug: false);
        return Watch.RunAsync(engine, TimeSpan.FromSeconds(30), _time, NullLoggerFactory.Instance, _stop.Token);
    }

    private Task SignInAsync(CancellationToken cancellationToken)
    {
        _signIns++;
        if (_refusals.Count == 0)
        {
            return Task.CompletedTask;
        }

        var refusal = _refusals[0];
        _refusals.RemoveAt(0);
        return Task.FromException(refusal);
    }

    private string[] States() => [.. _output.Events.OfType<WatchEvent>().Select(static watch => watch.State.ToString())];

    /// <summary>Moves the clock until it has happened.</summary>
    private async Task Until(Func<bool> happened)
    {
        for (var turn = 0; !happened(); turn++)
        {
            Assert.True(turn < 10_000_000, "It did not happen.");
            await Task.Yield();
            if (_time.IsWaitedFor)
            {
                _time.Advance(TimeSpan.FromMilliseconds(100));
            }
        }
    }
}
