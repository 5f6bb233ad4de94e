using System.Globalization;
using System.Text.Json;
using Agent.Sync.Engine;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>One seed, from the first row to quiescence: writers, faults, kills and pauses against the real engine on a virtual clock.</summary>
internal sealed class SimulationRun
{
    private static readonly TimeSpan Lag = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(2);

    private readonly VirtualTimeProvider _time = new();
    private readonly Random _random;
    private readonly SimulationSettings _settings;
    private readonly SimulatedServer _server;
    private readonly SimulatedDisk _disk;
    private readonly SimulationChecks _checks;
    private readonly SimulatedWriters _writers;
    private readonly List<ProcessFate> _processes = [];
    private readonly List<string> _trace = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public SimulationRun(int seed)
    {
        _random = new Random(seed);
        _settings = SimulationSettings.For(_random);
        _server = new SimulatedServer(_time, _settings, _random, Trace);
        _disk = new SimulatedDisk(_settings.StoreKeepsCheckpoint);
        _checks = new SimulationChecks(_disk, _server, Trace);
        _writers = new SimulatedWriters(_time, _server.Double, _server.Table, _random, Trace);
    }

    /// <summary>Gets everything that happened, with its time: the same for the same seed (I24).</summary>
    public IReadOnlyList<string> Events => _trace;

    /// <summary>Gets how often what happened that the run is for.</summary>
    public Dictionary<string, int> Counts { get; } = [];

    public void Run()
    {
        _writers.Seed(_settings.Rows);
        _time.Advance(TimeSpan.FromMinutes(_random.Next(0, 10)));
        _writers.Plan(_random.Next(0, 40), TimeSpan.FromMinutes(5));
        for (var round = _random.Next(2, 8); round > 0; round--)
        {
            LoseSomething();
            RunUnlucky();
            _time.Advance(TimeSpan.FromSeconds(_random.Next(0, 90)));
        }

        Quiesce();
        CheckConverged();
        CheckEveryCheckpoint();
        CountEverything();
    }

    private static string Describe(Task run) => run.Exception?.InnerException switch
    {
        SyncException known => known.Kind.ToString(),
        null => "cancelled",
        { } failure => failure.GetType().Name,
    };

    private void Trace(string happened)
    {
        SimulationThread.Require(_thread);
        _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{_time.Elapsed.TotalMilliseconds:F0} {happened}"));
    }

    private void Count(string what, int times = 1) => Counts[what] = Counts.GetValueOrDefault(what) + times;

    private void CountEverything()
    {
        foreach (var (fault, count) in _server.Faults.Counts)
        {
            Count($"fault {fault}", count);
        }

        foreach (var call in _processes.SelectMany(static process => process.Failed))
        {
            Count($"store failed {call}");
        }

        Count("parallel ranges", _checks.MostRanges > 1 ? 1 : 0);
        Count("parallel ranges in a resync", _checks.MostRangesOfResync > 1 ? 1 : 0);
    }

    /// <summary>Between two runs a file may go, an older checkpoint come back, and the device's clock jump.</summary>
    private void LoseSomething()
    {
        switch (_random.Next(40))
        {
            case 0:
                Lose("rows");
                _disk.LoseRows();
                _checks.Saved.Clear();
                break;
            case 1:
                Lose("checkpoint");
                _disk.PutCheckpoint(SimulatedServer.Dataset, null, _time.GetUtcNow());
                break;
            case 2 when _checks.Saved.Count > 0:
                Lose("newest checkpoint");
                _disk.PutCheckpoint(SimulatedServer.Dataset, _checks.Saved[_random.Next(_checks.Saved.Count)], _time.GetUtcNow());
                break;
            case 3 or 4:
                Count("clock jumped");
                _time.JumpWallClock(TimeSpan.FromMinutes(_random.Next(-600, 600)));
                break;
            default:
                break;
        }
    }

    private void Lose(string what)
    {
        Trace($"lost {what}");
        Count($"lost {what}");
        _processes.ForEach(static process => process.Kill());
        _checks.Rewound();
    }

    /// <summary>A process that may be killed between or inside calls, be cancelled or failed by its store, or be paused until another one has taken over.</summary>
    private void RunUnlucky()
    {
        var fate = NewProcess();
        var isResync = _random.Next(6) == 0;
        Count("resync", isResync ? 1 : 0);
        switch (_random.Next(6))
        {
            case 0:
                fate.StoreCallsLeft = _random.Next(1, 12);
                break;
            case 1:
                var killAt = _time.Elapsed + TimeSpan.FromMilliseconds(_random.Next(0, 3_000));
                Drive(StartSync(fate, isResync), fate, () => _time.Elapsed >= killAt);
                fate.Kill();
                break;
            case 2:
                var pauseAt = _time.Elapsed + TimeSpan.FromMilliseconds(_random.Next(0, 1_000));
                var paused = StartSync(fate, isResync);
                Drive(paused, fate, () => _time.Elapsed >= pauseAt);
                if (!paused.IsCompleted)
                {
                    fate.Pause(_time, TimeSpan.FromSeconds(_random.Next(10, 120)));
                    Count("paused");
                    Trace("paused");
                }

                return;
            case 3:
                fate.CallsUntilCancel = _random.Next(1, 80);
                break;
            case 4:
                fate.StoreCallsUntilFailure = _random.Next(1, 20);
                fate.FailsForGood = _random.Next(2) == 0;
                break;
            default:
                break;
        }

        if (!fate.IsDead)
        {
            Drive(StartSync(fate, isResync), fate, () => fate.IsDead);
        }

        if (fate.IsDead)
        {
            Count(fate.KilledIn is { } place ? $"killed {place}" : "killed between calls");
            Trace("killed");
        }
    }

    /// <summary>I13: once writers and faults are over, a run or two end the work within a bounded number of requests.</summary>
    private void Quiesce()
    {
        _server.Faults.AreOver = true;
        _time.Advance(TimeSpan.FromMinutes(10) + Lag);
        var requests = _server.Double.RequestCount;
        RunToEnd();
        _time.Advance(Lag + Lag);
        RunToEnd();
        var page = Math.Min(_settings.PageSize, _settings.MaxRows ?? int.MaxValue);
        var most = (6 * (_server.Table.Count / page)) + 40;
        Assert.True(_server.Double.RequestCount - requests <= most, "The work did not end within its bound of requests.");
    }

    private void RunToEnd()
    {
        var fate = NewProcess();
        var task = StartSync(fate, isResync: false);
        Drive(task, fate, static () => false);
        if (task.GetAwaiter().GetResult().Outcome == SyncOutcome.ResyncRequired)
        {
            // The file of the rows was lost, so the app is asked.
            task = StartSync(fate, isResync: true);
            Drive(task, fate, static () => false);
        }

        Assert.Equal(SyncOutcome.Completed, task.GetAwaiter().GetResult().Outcome);
    }

    /// <summary>I1: the local table is what the user may see.</summary>
    private void CheckConverged()
    {
        var columns = SimulatedServer.Dataset.Columns.Select(static column => column.Name).ToArray();
        var expected = _server.Table.VisibleRows(SimulatedWriters.Owner, columns).Where(static row => !IsDeleted(row));
        Assert.Equal(expected, _disk.Rows("artifacts"));
    }

    /// <summary>I9: going on from checkpoints that were ever saved ends in the same table.</summary>
    private void CheckEveryCheckpoint()
    {
        byte[][] saved = [.. _checks.Saved];
        for (var resume = Math.Min(saved.Length, 3); resume > 0; resume--)
        {
            _disk.PutCheckpoint(SimulatedServer.Dataset, saved[_random.Next(saved.Length)], _time.GetUtcNow());
            _checks.Rewound();
            RunToEnd();
            CheckConverged();
        }
    }

    private static bool IsDeleted(string row)
    {
        using var json = JsonDocument.Parse(row);
        return json.RootElement.GetProperty("deleted_at").ValueKind != JsonValueKind.Null;
    }

    private ProcessFate NewProcess()
    {
        var fate = new ProcessFate(_processes.Count + 1);
        _processes.Add(fate);
        return fate;
    }

    private Task<SyncResult> StartSync(ProcessFate fate, bool isResync)
    {
        Trace($"process {fate.Number} starts{(isResync ? " a resync" : string.Empty)}");
        if (isResync)
        {
            // Over no rows it is a first sync, and has no generation that would tell it from the one before.
            _checks.Rewound();
        }

        var request = new SyncRequest { LeaseWait = TimeSpan.FromMinutes(3), FullResync = isResync, AllowMassDelete = true };
        return NewEngine(fate).SyncAsync(request, new RecordingProgress(), fate.Cancellation);
    }

    /// <summary>Moves the clock until the run is over, or until its process's time has come.</summary>
    private void Drive(Task<SyncResult> run, ProcessFate fate, Func<bool> isOver)
    {
        var end = _time.Elapsed + LongestRun;
        while (!run.IsCompleted && !isOver())
        {
            _time.Advance(Step);
            Assert.True(_time.Elapsed < end, "The run did not end.");
        }

        if (run.IsCompleted)
        {
            Trace($"run ended: {(run.IsCompletedSuccessfully ? run.Result.Outcome.ToString() : Describe(run))}");
            Assert.True(run.IsCompletedSuccessfully || run.Exception?.InnerException is SyncException || (run.IsCanceled && fate.Cancellation.IsCancellationRequested), run.Exception?.ToString() ?? "cancelled");
            Count("cancelled", run.IsCanceled ? 1 : 0);
        }
    }

    private SyncEngine NewEngine(ProcessFate fate)
    {
        var random = new Random(_random.Next());
        var local = new SimulatedStore(_disk, fate, _checks);
        var options = new SyncOptions
        {
            Url = PostgrestDouble.Url,
            ApiKey = PostgrestDouble.ApiKey,
            AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(
                new AccessToken(_server.Double.CreateToken(SimulatedWriters.Owner, expires: _time.GetUtcNow().AddDays(1)))),
            PageSize = _settings.PageSize,
            OverlapLag = Lag,
            StallTimeout = TimeSpan.Zero,
        };
        options.Commit.Rows = _settings.CommitRows;
        options.Commit.Interval = _settings.CommitInterval;
        options.Datasets.Add(SimulatedServer.Dataset);
        var checkpoints = _disk.IsTogether ? local : new SimulatedStore(_disk, fate, _checks);
        return SimulatedEngine.Create(options, local, checkpoints, new SimulatedNetwork(_server.Double, _time, fate), _time, random, fate, _processes);
    }
}
