using System.Globalization;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>One seed of a two-way run: three devices of two users edit, push and pull, beside other writers, under faults, kills and pauses, to quiescence.</summary>
internal sealed class TwoWayRun
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan Busy = TimeSpan.FromMinutes(4);
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(2);
    private static readonly string[] Users = ["0b5f3f5e-7f1d-4c3c-9d52-6f6a8f0c1d2e", "99999999-7f1d-4c3c-9d52-6f6a8f0c1d2e"];

    private readonly VirtualTimeProvider _time = new();
    private readonly Random _random;
    private readonly TwoWayServer _server;
    private readonly TwoWayWriters _writers;
    private readonly TwoWayDevice[] _devices;
    private readonly List<string> _trace = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public TwoWayRun(int seed)
    {
        _random = new Random(seed);
        Settings = TwoWaySettings.For(_random);
        _server = new TwoWayServer(_time, Settings, _random, Trace);
        _writers = new TwoWayWriters(Settings, _server, _time, _random, Users, Trace);
        _devices = [.. new[] { Users[0], Users[0], Users[1] }.Select((user, number) => new TwoWayDevice(number, user, Settings, _server, _time, _random, Trace))];
    }

    public TwoWaySettings Settings { get; }

    /// <summary>Gets everything that happened, with its time: the same for the same seed (I24).</summary>
    public IReadOnlyList<string> Events => _trace;

    /// <summary>Gets how often what happened that the run is for: faults, kills by place, settlements by kind.</summary>
    public Dictionary<string, int> Counts { get; } = [];

    public void Run()
    {
        _writers.Seed();
        for (var edit = 0; edit < Settings.Edits; edit++)
        {
            var device = _devices[_random.Next(_devices.Length)];
            _time.After(Busy * _random.NextDouble(), device.Edit);
        }

        for (var transaction = 0; transaction < Settings.Transactions; transaction++)
        {
            _time.After(Busy * _random.NextDouble(), _writers.Write);
        }

        for (var round = _random.Next(4, 12); round > 0; round--)
        {
            RunUnlucky(_devices[_random.Next(_devices.Length)]);
            _time.Advance(TimeSpan.FromSeconds(_random.Next(0, 40)));
        }

        Quiesce();
        foreach (var device in _devices)
        {
            device.CheckPromises();
            Count("quarantined", device.DiscardQuarantine());
        }

        CheckEverywhere();
        ResumeFromOldCheckpoints();
        CountEverything();
    }

    private void Trace(string happened)
    {
        SimulationThread.Require(_thread);
        _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{_time.Elapsed.TotalMilliseconds:F0} {happened}"));
    }

    private void Count(string what, int times = 1) => Counts[what] = Counts.GetValueOrDefault(what) + times;

    /// <summary>A process that may be killed between or inside store calls, or be paused until another one has taken over.</summary>
    private void RunUnlucky(TwoWayDevice device)
    {
        var fate = device.NewProcess();
        var direction = _random.Next(6) switch { 0 => SyncDirection.Push, 1 => SyncDirection.Pull, _ => SyncDirection.Both };
        var fatal = _random.Next(5);
        if (fatal < 2)
        {
            fate.StoreCallsLeft = _random.Next(1, 25);
        }

        TimeSpan? budget = _random.Next(3) == 0 ? TimeSpan.FromMilliseconds(_random.Next(1, 3_000)) : null;
        Trace($"device {device.Number} process {fate.Number} starts {direction} for {budget?.ToString() ?? "as long as it takes"}");
        var run = device.Start(fate, direction, budget);
        switch (fatal)
        {
            case 2:
                DriveFor(run, 0, 3_000);
                fate.Kill();
                break;
            case 3:
                DriveFor(run, 0, 1_000);
                if (!run.IsCompleted)
                {
                    fate.Pause(_time, TimeSpan.FromSeconds(_random.Next(10, 120)));
                    Count("paused");
                    Trace("paused");
                }

                return;
            default:
                Drive(run, () => fate.IsDead);
                break;
        }

        if (fate.IsDead && !run.IsCompleted)
        {
            Count(fate.KilledIn is { } place ? $"killed {place}" : "killed between calls");
            Trace("killed");
        }
    }

    /// <summary>I13: once writers and faults are over, a few runs of each device end the work within a bounded number of requests.</summary>
    private void Quiesce()
    {
        _server.FaultsAreOver = true;
        _time.Advance(TimeSpan.FromMinutes(12));
        var requests = _server.Double.RequestCount;
        for (var round = 0; round < 3; round++)
        {
            foreach (var device in _devices)
            {
                RunToEnd(device);
            }
        }

        foreach (var device in _devices)
        {
            Assert.All(device.Changes(), static change => Assert.Equal(ChangeState.Quarantined, change.State));
        }

        var page = Math.Min(Settings.PageSize, Settings.MaxRows ?? int.MaxValue);
        var most = (30 * ((_server.Table.Count / page) + 1)) + (20 * Settings.Edits) + 150;
        Assert.True(_server.Double.RequestCount - requests <= most, "The work did not end within its bound of requests.");
    }

    private void CheckEverywhere()
    {
        foreach (var device in _devices)
        {
            RunToEnd(device);
            device.CheckConverged();
        }
    }

    /// <summary>I9: going on from a checkpoint that was ever saved ends in the same table.</summary>
    private void ResumeFromOldCheckpoints()
    {
        foreach (var device in _devices)
        {
            byte[][] saved = [.. device.Checks.Saved];
            for (var index = 0; index < saved.Length; index += Math.Max(1, saved.Length / 2))
            {
                device.Rewind(saved[index]);
                RunToEnd(device);
                device.CheckConverged();
            }
        }
    }

    private void RunToEnd(TwoWayDevice device)
    {
        var run = device.Start(device.NewProcess());
        Drive(run, static () => false);
        Assert.Contains(run.GetAwaiter().GetResult().Outcome, new[] { SyncOutcome.Completed, SyncOutcome.CompletedWithQuarantine });
        Assert.Equal(Settings.HasKit ? CompletenessGrade.Exact : CompletenessGrade.Overlap, run.Result.Grade);
    }

    private void DriveFor(Task<SyncResult> run, int least, int most)
    {
        var end = _time.Elapsed + TimeSpan.FromMilliseconds(_random.Next(least, most));
        Drive(run, () => _time.Elapsed >= end);
    }

    /// <summary>Moves the clock until the run is over, or until its process's time has come.</summary>
    private void Drive(Task<SyncResult> run, Func<bool> isOver)
    {
        var end = _time.Elapsed + LongestRun;
        while (!run.IsCompleted && !isOver())
        {
            _time.Advance(Step);
            Assert.True(_time.Elapsed < end, "The run did not end.");
        }

        if (run.IsCompleted)
        {
            var failure = run.Exception?.InnerException;
            Trace($"run ended: {(failure is null ? run.Result.Outcome.ToString() : failure is SyncException known ? known.Kind.ToString() : failure.GetType().Name)}");
            Assert.True(failure is null or SyncException, failure?.ToString());
            if (failure is null && run.Result.Outcome == SyncOutcome.TimeBudgetReached)
            {
                Count("time over");
            }
        }
    }

    private void CountEverything()
    {
        foreach (var (fault, count) in _server.Faults)
        {
            Count($"fault {fault}", count);
        }

        foreach (var (kind, count) in _devices.SelectMany(static device => device.Checks.Settlements))
        {
            Count($"settled {kind}", count);
        }
    }
}
