using Agent.Sync.Testing;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Testing;

namespace Agent.Sync.Hosting.Tests;

/// <summary>A loop on a clock that the test moves. Everything happens on the test's thread, while the clock is moved.</summary>
internal sealed class LoopHarness : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly FakeLogCollector _log = new();

    public LoopHarness()
    {
        Engine = new FakeEngine(Time);
        Server = new PostgrestDouble(Time);
        Server.AddUser("ada@example.test", "secret", "ada");
        Server.AddUser("bob@example.test", "secret", "bob");
    }

    public VirtualTimeProvider Time { get; } = new();

    public FakeEngine Engine { get; }

    public PostgrestDouble Server { get; }

    public HostedSyncOptions Options { get; } = new() { Interval = TimeSpan.FromSeconds(60), Jitter = 0 };

    public HostedSync Hosted { get; } = new("notes");

    public double Random { get; set; } = 0.5;

    public Task Loop { get; private set; } = Task.CompletedTask;

    /// <summary>Gets the numbers of the events that were logged, in order.</summary>
    public IReadOnlyList<int> Events => [.. _log.GetSnapshot().Select(static record => record.Id.Id)];

    public string LastMessage => _log.LatestRecord.Message;

    public void Start(SupabaseSession? session = null) => Detached(() =>
        Loop = new HostedSyncLoop(Hosted, Engine, Options, session is null ? null : () => session.UserId, Time, new FakeLogger(_log), () => Random).RunAsync(_stop.Token));

    public SupabaseSession CreateSession() =>
        new(new SupabaseSessionOptions { Url = PostgrestDouble.Url, ApiKey = PostgrestDouble.ApiKey, Handler = Server, Time = Time });

    public void Advance(double seconds) => Detached(() => Time.Advance(TimeSpan.FromSeconds(seconds)));

    /// <summary>Moves the clock for what is continued on the thread pool, until it has happened.</summary>
    public async Task AdvanceUntil(Func<bool> happened)
    {
        for (var turn = 0; !happened(); turn++)
        {
            Assert.True(turn < 100_000, "It did not happen.");
            await Task.Yield();
            Advance(0.01);
        }
    }

    public void Stop() => Detached(_stop.Cancel);

    public void Dispose()
    {
        _stop.Dispose();
        Server.Dispose();
    }

    // Under the test framework's context continuations would hop to the pool.
    private static void Detached(Action action)
    {
        var context = SynchronizationContext.Current;
        SynchronizationContext.SetSynchronizationContext(null);
        try
        {
            action();
        }
        finally
        {
            SynchronizationContext.SetSynchronizationContext(context);
        }
    }
}
