using Agent.Sync.Stores;
using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>What happens to one simulated process: it lives, is killed, cancelled or failed by its store, or is paused for so long that others take over.</summary>
internal sealed class ProcessFate(int number)
{
    private readonly int _thread = Environment.CurrentManagedThreadId;
    private readonly CancellationTokenSource _cancelled = new();

    // One each: of several continuations on one task all but one would go on in the thread pool.
    private Queue<TaskCompletionSource>? _paused;

    public int Number { get; } = number;

    public bool IsDead { get; private set; }

    /// <summary>Gets or sets a value indicating whether the process said that it is done with a lease that it could not give back.</summary>
    public bool HasEnded { get; set; }

    /// <summary>Gets the store call in which the process was killed, before or after its effect; null while it lives and for a kill between calls.</summary>
    public string? KilledIn { get; private set; }

    /// <summary>Gets or sets how many store calls are left before the process is killed in the middle of one; null for no such plan.</summary>
    public int? StoreCallsLeft { get; set; }

    /// <summary>Gets or sets how many calls to the outside are left before the app cancels the run, inside of one.</summary>
    public int? CallsUntilCancel { get; set; }

    /// <summary>Gets or sets how many store calls are left before one fails.</summary>
    public int? StoreCallsUntilFailure { get; set; }

    /// <summary>Gets or sets a value indicating whether every later store call fails too.</summary>
    public bool FailsForGood { get; set; }

    /// <summary>Gets the calls that the store failed.</summary>
    public List<string> Failed { get; } = [];

    public CancellationToken Cancellation => _cancelled.Token;

    public bool IsPaused => _paused is not null;

    public void Kill() => IsDead = true;

    public void Pause(VirtualTimeProvider time, TimeSpan length)
    {
        _paused = new Queue<TaskCompletionSource>();
        _ = time.CreateTimer(_ => Resume(), null, length, Timeout.InfiniteTimeSpan);
    }

    /// <summary>Every step into the outside world goes through here: a dead process never comes back from it.</summary>
    public Task PassAsync()
    {
        SimulationThread.Require(_thread);
        if (IsDead)
        {
            return new TaskCompletionSource().Task;
        }

        if (CallsUntilCancel is { } left && (CallsUntilCancel = left - 1) == 0)
        {
            _cancelled.Cancel();
        }

        if (_paused is null)
        {
            return Task.CompletedTask;
        }

        var resumed = new TaskCompletionSource();
        _paused.Enqueue(resumed);
        return resumed.Task;
    }

    /// <summary>A store call: the kill may fall before it takes effect, or after.</summary>
    /// <param name="call">What takes effect.</param>
    /// <param name="name">What it is, for the trace.</param>
    /// <param name="isFenced">Whether the store refuses it after another process took over. Nothing could tell one that is not after a pause just before its effect.</param>
    public async Task<T> StoreCallAsync<T>(Func<ValueTask<T>> call, string name = "call", bool isFenced = true)
    {
        if (isFenced)
        {
            await PassAsync();
        }

        if (StoreCallsLeft is { } left && (StoreCallsLeft = left - 1) == 0)
        {
            // Odd process numbers die before the effect, even ones after it.
            if (Number % 2 == 0)
            {
                await call();
            }

            KilledIn = Number % 2 == 0 ? $"after {name}" : $"before {name}";
            Kill();
        }

        if (isFenced || IsDead)
        {
            await PassAsync();
        }

        return Fails() ? await FailAsync(call, name) : await call();
    }

    private bool Fails() => StoreCallsUntilFailure is { } left && ((StoreCallsUntilFailure = left - 1) == 0 || (FailsForGood && left <= 0));

    private async Task<T> FailAsync<T>(Func<ValueTask<T>> call, string name)
    {
        if (Number % 2 == 0)
        {
            await call();
        }

        Failed.Add(Number % 2 == 0 ? $"after {name}" : $"before {name}");
        throw new SyncStoreException(SyncErrorKind.StoreFailed, "The disk is full.", isTransient: false);
    }

    private void Resume()
    {
        var waiting = _paused!;
        _paused = null;
        while (waiting.TryDequeue(out var resumed))
        {
            resumed.SetResult();
        }
    }
}
