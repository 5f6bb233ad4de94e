using System.Globalization;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>One seed of a two-way run: three devices of two users edit, push and pull, beside other writers, under faults and mishaps, to quiescence.</summary>
internal sealed class TwoWayRun
{
    private static readonly TimeSpan Busy = TimeSpan.FromMinutes(4);
    private static readonly string[] Users = ["0b5f3f5e-7f1d-4c3c-9d52-6f6a8f0c1d2e", "99999999-7f1d-4c3c-9d52-6f6a8f0c1d2e"];

    private readonly VirtualTimeProvider _time = new();
    private readonly Random _random;
    private readonly TwoWayServer _server;
    private readonly TwoWayWriters _writers;
    private readonly TwoWayDevice[] _devices;
    private readonly TwoWayDriver _driver;
    private readonly List<string> _trace = [];
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public TwoWayRun(int seed)
    {
        _random = new Random(seed);
        Settings = TwoWaySettings.For(_random);
        _server = new TwoWayServer(_time, Settings, _random, Trace);
        _writers = new TwoWayWriters(Settings, _server, _time, _random, Users, Trace);
        _devices = [.. new[] { Users[0], Users[0], Users[1] }.Select((user, number) => new TwoWayDevice(number, user, Settings, _server, _time, _random, Trace))];
        _driver = new TwoWayDriver(Settings, _server, _time, _random, Users, Trace, Count);
    }

    public TwoWaySettings Settings { get; }

    /// <summary>Gets everything that happened, with its time: the same for the same seed (I24).</summary>
    public IReadOnlyList<string> Events => _trace;

    /// <summary>Gets how often what happened that the run is for: faults, mishaps, kills by place, settlements by kind.</summary>
    public Dictionary<string, int> Counts { get; } = [];

    public void Run()
    {
        _writers.Seed();
        PlanEdits();
        PlanTurn();
        for (var round = _random.Next(4, 12); round > 0; round--)
        {
            var device = _devices[_random.Next(_devices.Length)];
            if (Settings.LosesFiles && _random.Next(4) == 0)
            {
                LoseFiles(device);
            }

            _driver.RunUnlucky(device);
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

    private void PlanEdits()
    {
        for (var edit = 0; edit < Settings.Edits; edit++)
        {
            var device = _devices[_random.Next(_devices.Length)];
            _time.After(Busy * _random.NextDouble(), device.Edit);
        }

        for (var transaction = 0; transaction < Settings.Transactions; transaction++)
        {
            _time.After(Busy * _random.NextDouble(), _writers.Write);
        }

        foreach (var device in _devices.Where(_ => Settings.AppIsUpdated && _random.Next(2) == 0))
        {
            _time.After(Busy * _random.NextDouble(), device.UpdateApp);
        }

        for (var jump = Settings.ClockJumps ? _random.Next(1, 6) : 0; jump > 0; jump--)
        {
            var by = TimeSpan.FromMinutes((_random.NextDouble() - 0.5) * Math.Pow(10, _random.Next(0, 4)));
            _time.After(Busy * _random.NextDouble(), () =>
            {
                Trace($"the devices' clock jumps by {by}");
                Count("clock jumped");
                _time.JumpWallClock(by);
            });
        }
    }

    private void PlanTurn()
    {
        if (Settings.KitComesLate)
        {
            _time.After(Busy * _random.NextDouble(), _server.EnableKit);
        }

        if (Settings.Turn == ServerTurn.None)
        {
            return;
        }

        Count($"turn {Settings.Turn}");
        var begin = Busy * (_random.NextDouble() * 0.9);
        _time.After(begin, () => _server.Take(Settings.Turn, isBegin: true));
        _time.After(begin + ((Busy - begin) * _random.NextDouble()), () => _server.Take(Settings.Turn, isBegin: false));
    }

    private void Trace(string happened)
    {
        SimulationThread.Require(_thread);
        _trace.Add(string.Create(CultureInfo.InvariantCulture, $"{_time.Elapsed.TotalMilliseconds:F0} {happened}"));
    }

    private void Count(string what, int times = 1) => Counts[what] = Counts.GetValueOrDefault(what) + times;

    private void LoseFiles(TwoWayDevice device)
    {
        switch (_random.Next(5))
        {
            case 0:
                device.LoseRows();
                Count("lost rows");
                break;
            case 1:
                device.LoseCheckpoint(null);
                Count("lost checkpoint");
                break;
            case 2 when device.Checks.Saved.Count > 0:
                device.LoseCheckpoint(device.Checks.Saved[_random.Next(device.Checks.Saved.Count)]);
                Count("older checkpoint");
                break;
            case 3:
                device.PutCopyBack();
                Count("older copy");
                break;
            default:
                device.CopyFiles();
                break;
        }
    }

    /// <summary>I13: once writers and faults are over, a few runs of each device end the work within a bounded number of requests.</summary>
    private void Quiesce()
    {
        _server.Faults.AreOver = true;
        _time.Advance(TimeSpan.FromMinutes(12));
        var requests = _server.Double.RequestCount;
        foreach (var device in _devices.Where(_ => Settings.NeedsResync))
        {
            device.NeedsResync = true;
        }

        for (var round = 0; round < 3; round++)
        {
            foreach (var device in _devices)
            {
                _driver.RunToEnd(device);
            }
        }

        foreach (var device in _devices)
        {
            Assert.All(device.Changes(), static change => Assert.Equal(ChangeState.Quarantined, change.State));
        }

        var page = Math.Min(Settings.PageSize, Settings.MaxRows ?? int.MaxValue);
        var most = (40 * ((_server.Table.Count / page) + 1)) + (20 * Settings.Edits) + 150;
        Assert.True(_server.Double.RequestCount - requests <= most, "The work did not end within its bound of requests.");
    }

    private void CheckEverywhere()
    {
        foreach (var device in _devices)
        {
            _driver.RunToEnd(device);
            device.CheckConverged();
        }
    }

    /// <summary>I9: going on from a checkpoint that was ever saved ends in the same table.</summary>
    private void ResumeFromOldCheckpoints()
    {
        // A checkpoint from before a policy changed does not know what came and went without a change.
        foreach (var device in _devices.Where(_ => !Settings.NeedsResync))
        {
            byte[][] saved = [.. device.Checks.Saved];
            for (var index = 0; index < saved.Length; index += Math.Max(1, saved.Length / 2))
            {
                device.Rewind(saved[index]);
                _driver.RunToEnd(device);
                device.CheckConverged();
            }
        }
    }

    private void CountEverything()
    {
        foreach (var (fault, count) in _server.Faults.Counts)
        {
            Count($"fault {fault}", count);
        }

        foreach (var (kind, count) in _devices.SelectMany(static device => device.Checks.Settlements))
        {
            Count($"settled {kind}", count);
        }

        foreach (var call in _devices.SelectMany(static device => device.Processes).SelectMany(static process => process.Failed))
        {
            Count($"store failed {call}");
        }
    }
}
