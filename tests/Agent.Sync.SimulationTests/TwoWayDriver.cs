using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>Runs processes of devices, with what happens to them, and judges how they end.</summary>
internal sealed class TwoWayDriver(
    TwoWaySettings settings, TwoWayServer server, VirtualTimeProvider time, Random random, string[] users, Action<string> trace, Action<string, int> count)
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(20);
    private static readonly TimeSpan LongestRun = TimeSpan.FromHours(2);

    /// <summary>I19: how long a run may go on once it was cancelled.</summary>
    private static readonly TimeSpan Promptly = TimeSpan.FromSeconds(1);

    private static readonly Mishap[] Mishaps =
    [
        Mishap.None, Mishap.None, Mishap.KilledInCall, Mishap.KilledInCall, Mishap.KilledInCall, Mishap.KilledInCall, Mishap.Killed, Mishap.Killed, Mishap.Paused, Mishap.Paused,
        Mishap.Cancelled, Mishap.StoreFailsOnce, Mishap.StoreFails, Mishap.AppThrows, Mishap.UserSwitches, Mishap.SessionEnds, Mishap.SecondEngine, Mishap.PowerCut,
    ];

    public void RunUnlucky(TwoWayDevice device)
    {
        var mishap = Mishaps[random.Next(Mishaps.Length)];
        var fate = device.NewProcess();
        Plan(fate, mishap);
        var direction = random.Next(6) switch { 0 => SyncDirection.Push, 1 => SyncDirection.Pull, _ => SyncDirection.Both };
        TimeSpan? budget = random.Next(3) == 0 ? TimeSpan.FromMilliseconds(random.Next(1, 3_000)) : null;
        var run = Start(device, fate, mishap, direction, budget);
        switch (mishap)
        {
            case Mishap.Killed:
                DriveFor(run, 0, 3_000);
                fate.Kill();
                break;
            case Mishap.PowerCut:
                DriveFor(run, 0, 2_000);
                device.CopyFiles();
                DriveFor(run, 0, 1_000);
                fate.Kill();
                device.PutCopyBack();
                break;
            case Mishap.Paused:
                DriveFor(run, 0, 1_000);
                if (!run.Task.IsCompleted)
                {
                    fate.Pause(time, TimeSpan.FromSeconds(random.Next(10, 120)));
                    count("paused", 1);
                    trace("paused");
                }

                return;
            case Mishap.SecondEngine:
                DriveFor(run, 0, 500);
                var other = Start(device, device.NewProcess(), Mishap.None, SyncDirection.Both, null, random.Next(2) == 0 ? TimeSpan.Zero : null);
                Drive(run, static () => false);
                Drive(other, static () => false);
                break;
            default:
                Drive(run, static () => false);
                break;
        }

        Conclude(run, mishap);
    }

    /// <summary>Runs a process whose fate is decided, until it has ended or is dead.</summary>
    public void Run(TwoWayDevice device, ProcessFate fate)
    {
        var run = Start(device, fate, Mishap.None, SyncDirection.Both, null);
        Drive(run, static () => false);
    }

    /// <summary>Runs until nothing is left to do. What needs the app's word gets it.</summary>
    public void RunToEnd(TwoWayDevice device)
    {
        var run = Start(device, device.NewProcess(), Mishap.None, SyncDirection.Both, null);
        Drive(run, static () => false);
        if (run.Task is { IsCompletedSuccessfully: true, Result.Outcome: SyncOutcome.ResyncRequired })
        {
            run = Start(device, device.NewProcess(), Mishap.None, SyncDirection.Both, null);
            Drive(run, static () => false);
        }

        Assert.Contains(run.Task.GetAwaiter().GetResult().Outcome, new[] { SyncOutcome.Completed, SyncOutcome.CompletedWithQuarantine });
        Assert.Equal(settings.HasKit ? CompletenessGrade.Exact : CompletenessGrade.Overlap, run.Task.Result.Grade);
    }

    private void Plan(ProcessFate fate, Mishap mishap)
    {
        switch (mishap)
        {
            case Mishap.KilledInCall:
                fate.StoreCallsLeft = random.Next(1, 25);
                break;
            case Mishap.Cancelled:
                fate.CallsUntilCancel = random.Next(1, 60);
                break;
            case Mishap.StoreFails or Mishap.StoreFailsOnce:
                fate.StoreCallsUntilFailure = random.Next(1, 25);
                fate.FailsForGood = mishap == Mishap.StoreFails;
                break;
            default:
                break;
        }
    }

    private DeviceRun Start(TwoWayDevice device, ProcessFate fate, Mishap mishap, SyncDirection direction, TimeSpan? budget, TimeSpan? leaseWait = null)
    {
        trace($"device {device.Number} process {fate.Number} starts {direction} for {budget?.ToString() ?? "as long as it takes"}: {mishap}");
        var stranger = users.First(user => user != device.User);
        var process = new TwoWayProcess(device, fate, mishap, settings, server, time, new Random(random.Next()), stranger, trace);
        // Of another user it would make the device another user's, as the app then says.
        var isResync = device.NeedsResync && direction != SyncDirection.Push && mishap != Mishap.UserSwitches;
        if (isResync)
        {
            // Over no rows it is a first sync, and has no generation that would tell it from the one before.
            device.Checks.Rewound();
        }

        return new DeviceRun(device, fate, isResync, process.Start(direction, isResync, budget, leaseWait));
    }

    private void Conclude(DeviceRun run, Mishap mishap)
    {
        if (run.Fate.IsDead && !run.Task.IsCompleted)
        {
            count(run.Fate.KilledIn is { } place ? $"killed {place}" : "killed between calls", 1);
            trace("killed");
        }

        if (mishap is Mishap.SecondEngine or Mishap.PowerCut or Mishap.AppThrows || (mishap == Mishap.Cancelled && run.Task.IsCanceled))
        {
            count($"{mishap}", 1);
        }
    }

    private void DriveFor(DeviceRun run, int least, int most)
    {
        var end = time.Elapsed + TimeSpan.FromMilliseconds(random.Next(least, most));
        Drive(run, () => time.Elapsed >= end);
    }

    /// <summary>Moves the clock until the run is over, or until its process's time has come.</summary>
    private void Drive(DeviceRun run, Func<bool> isOver)
    {
        if (run.IsJudged)
        {
            return;
        }

        var end = time.Elapsed + LongestRun;
        TimeSpan? cancelled = null;
        while (!run.Task.IsCompleted && !run.Fate.IsDead && !isOver())
        {
            time.Advance(Step);
            Assert.True(time.Elapsed < end, "The run did not end.");
            cancelled ??= run.Fate.Cancellation.IsCancellationRequested ? time.Elapsed : null;
            Assert.True(cancelled is null || time.Elapsed - cancelled < Promptly, "The run went on although it was cancelled.");
        }

        if (run.Task.IsCompleted)
        {
            Judge(run);
        }
    }

    /// <summary>A run ends with a result, or with an exception that says what it is: ours, the app's own, or that it was cancelled.</summary>
    private void Judge(DeviceRun run)
    {
        run.IsJudged = true;
        var failure = run.Task.Exception?.InnerException;
        var ending = run.Task.IsCanceled ? "cancelled" : failure is SyncException known ? known.Kind.ToString() : failure?.GetType().Name ?? run.Task.Result.Outcome.ToString();
        trace($"run ended: {ending}");
        count($"ended {ending}", 1);
        Assert.True(failure is null or SyncException or AppException, failure?.ToString());
        Assert.True(!run.Task.IsCanceled || run.Fate.Cancellation.IsCancellationRequested, "The run was cancelled, and nobody did.");
        if (!run.Task.IsCompletedSuccessfully)
        {
            return;
        }

        run.Device.Judge(run.Task.Result, run.IsResync);
    }

    private sealed class DeviceRun(TwoWayDevice device, ProcessFate fate, bool isResync, Task<SyncResult> task)
    {
        public TwoWayDevice Device => device;

        public ProcessFate Fate => fate;

        public bool IsResync => isResync;

        public Task<SyncResult> Task => task;

        public bool IsJudged { get; set; }
    }
}
