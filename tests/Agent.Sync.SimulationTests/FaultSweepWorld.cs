using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>One device and its server for one run of a sweep: always the same until the fault.</summary>
internal sealed class FaultSweepWorld
{
    private const string User = "0b5f3f5e-7f1d-4c3c-9d52-6f6a8f0c1d2e";

    private readonly VirtualTimeProvider _time = new();
    private readonly Random _random = new(1);
    private readonly string _scenario;
    private readonly TwoWayServer _server;
    private readonly TwoWayDevice _device;
    private readonly TwoWayDriver _driver;
    private readonly TwoWayWriters _writers;
    private readonly List<string> _trace = [];
    private Func<bool> _hasFailed = static () => false;

    public FaultSweepWorld(string scenario, bool hasKit, bool together)
    {
        _scenario = scenario;
        var settings = new TwoWaySettings(
            hasKit, KitComesLate: false, DeletesForGood: hasKit, ConflictPolicy.ServerWins, Rows: 9, Edits: 8, Transactions: 2, PageSize: 3, BatchRows: 3, MaxRows: null,
            together, FaultShare: 0, FastNetwork: true, ServerTurn.None, ClockJumps: false, LosesFiles: false, AppIsUpdated: false);
        _server = new TwoWayServer(_time, settings, _random, _trace.Add);
        _writers = new TwoWayWriters(settings, _server, _time, _random, [User], _trace.Add);
        _device = new TwoWayDevice(0, User, settings, _server, _time, _random, _trace.Add);
        _driver = new TwoWayDriver(settings, _server, _time, _random, [User, "99999999-7f1d-4c3c-9d52-6f6a8f0c1d2e"], _trace.Add, static (_, _) => { });
    }

    public IReadOnlyList<string> Events => _trace;

    /// <summary>Plans that a request fails.</summary>
    public ProcessFate FailRequest(int number, bool forGood, ScriptedResponse answer)
    {
        var hasFailed = false;
        _server.Faults.Plan = count =>
        {
            var fails = count == number || (forGood && count > number);
            hasFailed |= fails;
            return fails ? answer : null;
        };
        _hasFailed = () => hasFailed;
        return _device.NewProcess();
    }

    /// <summary>Plans that a store call fails.</summary>
    public ProcessFate FailStoreCall(int number, bool after, bool forGood)
    {
        var fate = _device.NewProcess();
        if (fate.Number % 2 == 0 != after)
        {
            // The number says whether a call fails before its effect or after.
            fate = _device.NewProcess();
        }

        (fate.StoreCallsUntilFailure, fate.FailsForGood) = (number, forGood);
        _hasFailed = () => fate.Failed.Count > 0;
        return fate;
    }

    /// <summary>Runs with the fault, then without it.</summary>
    /// <returns>Whether the run reached the call that was to fail.</returns>
    public bool Run(Func<ProcessFate> plan)
    {
        _writers.Seed();
        _time.Advance(TimeSpan.FromMinutes(2));
        Prepare();
        var fate = plan();
        _driver.Run(_device, fate);
        _server.Faults.Plan = null;
        var reached = _hasFailed();

        // The breaker's pause, and the lag.
        _time.Advance(TimeSpan.FromMinutes(3));
        _driver.RunToEnd(_device);
        _driver.RunToEnd(_device);
        _device.CheckPromises();
        _device.DiscardQuarantine();
        _driver.RunToEnd(_device);
        _device.CheckConverged();
        return reached;
    }

    private void Prepare()
    {
        switch (_scenario)
        {
            case "first sync":
                break;
            case "resumed first sync":
                var fate = _device.NewProcess();
                fate.StoreCallsLeft = 8;
                _driver.Run(_device, fate);
                Change();
                break;
            default:
                _driver.RunToEnd(_device);
                Change();
                _device.NeedsResync = _scenario == "resync";
                break;
        }
    }

    private void Change()
    {
        for (var edit = 0; edit < 8; edit++)
        {
            _device.Edit();
        }

        _writers.Write();
        _writers.Write();
        _time.Advance(TimeSpan.FromMinutes(2));
    }
}
