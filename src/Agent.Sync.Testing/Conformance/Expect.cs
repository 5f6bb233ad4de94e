namespace Agent.Sync.Testing.Conformance;

/// <summary>The few assertions of the suites.</summary>
internal static class Expect
{
    public static void That(bool condition, string claim)
    {
        if (!condition)
        {
            throw new ConformanceException($"Expected that {claim}.");
        }
    }

    public static void Equal<T>(T expected, T actual, string what)
    {
        if (!EqualityComparer<T>.Default.Equals(expected, actual))
        {
            throw new ConformanceException($"Expected {what} to be {expected?.ToString() ?? "null"}, but it is {actual?.ToString() ?? "null"}.");
        }
    }

    public static async Task FailsAsync(SyncErrorKind kind, Func<ValueTask> call, string what)
    {
        try
        {
            await call().ConfigureAwait(false);
        }
        catch (SyncException exception) when (exception.Kind == kind)
        {
            return;
        }
        catch (SyncException exception)
        {
            throw new ConformanceException($"Expected {what} to fail as {kind}, but it failed as {exception.Kind}.");
        }

        throw new ConformanceException($"Expected {what} to fail as {kind}, but it succeeded.");
    }

    /// <summary>Runs a call with a token that is cancelled already: it may finish or be cancelled, nothing else.</summary>
    public static async Task MayBeCancelledAsync(Func<CancellationToken, ValueTask> call)
    {
        try
        {
            await call(new CancellationToken(canceled: true)).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // Which of the two it was does not matter; what it left is looked at by the caller.
        }
    }
}
