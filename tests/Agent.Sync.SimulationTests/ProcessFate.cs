using Agent.Sync.Testing;

namespace Agent.Sync.SimulationTests;

/// <summary>What happens to one simulated process: it lives, is killed, or is paused for so long that others take over.</summary>
internal sealed class ProcessFate(int number)
{
    // One each: of several continuations on one task all but one would go on in the thread pool.
    private Queue<TaskCompletionSource>? _paused;
    private readonly int _thread = Environment.CurrentManagedThreadId;

    public int Number { get; } = number;

    public bool IsDead { get; private set; }

    /// <summary>Gets the store call in which the process was killed, before or after its effect; null while it lives and for a kill between calls.</summary>
    public string? KilledIn { get; private set; }

    /// <summary>Gets or sets how many store calls are left before the process is killed in the middle of one; null for no such plan.</summary>
    public int? StoreCallsLeft { get; set; }

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

        return await call();
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
