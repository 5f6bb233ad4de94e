namespace Agent.Sync.Testing.Postgrest.Wire;

/// <summary>A delay whose cancellation goes on inline too: <c>Task.Delay</c> sends that to the thread pool, where no seed repeats it.</summary>
internal static class InlineDelay
{
    public static async Task WaitAsync(TimeSpan delay, TimeProvider time, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        var completion = new TaskCompletionSource();
        using var timer = time.CreateTimer(static state => ((TaskCompletionSource)state!).TrySetResult(), completion, delay, Timeout.InfiniteTimeSpan);
        using var registration = cancellationToken.UnsafeRegister(
            static (state, token) => ((TaskCompletionSource)state!).TrySetCanceled(token), completion);
        await completion.Task.ConfigureAwait(false);
    }
}
