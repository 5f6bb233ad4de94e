namespace Agent.Sync.Resilience;

/// <summary>Runs one piece of work per key at a time; whoever asks for the same key meanwhile shares its result.</summary>
internal sealed class SingleFlight<T>
{
    private readonly Lock _gate = new();
    private string? _key;
    private Task<T>? _flight;

    /// <summary>Joins the work under way for the key, or starts it. A caller that gives up does not stop it for the others.</summary>
    public async ValueTask<T> RunAsync<TState>(string key, Func<TState, Task<T>> work, TState state, CancellationToken cancellationToken)
    {
        TaskCompletionSource<T>? mine = null;
        Task<T> flight;
        lock (_gate)
        {
            if (_flight is { IsCompleted: false } && string.Equals(_key, key, StringComparison.Ordinal))
            {
                flight = _flight;
            }
            else
            {
                // Continuations run inline, outside the lock: a simulation stays on its one thread.
                mine = new TaskCompletionSource<T>();
                _key = key;
                _flight = flight = mine.Task;
            }
        }

        if (mine is not null)
        {
            Complete(mine, work, state);
        }

        return await flight.WaitAsync(cancellationToken).ConfigureAwait(false);
    }

    private static async void Complete<TState>(TaskCompletionSource<T> flight, Func<TState, Task<T>> work, TState state)
    {
        try
        {
            flight.TrySetResult(await work(state).ConfigureAwait(false));
        }
        catch (Exception exception)
        {
            flight.TrySetException(exception);

            // When every caller has given up, nobody else looks at the fault.
            _ = flight.Task.Exception;
        }
    }
}
