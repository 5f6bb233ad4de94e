namespace Agent.Sync.Testing.Faults;

/// <summary>Puts a store's call between its two named points and its faults.</summary>
internal static class FaultGate
{
    public static async ValueTask<T> RunAsync<T>(FaultPlan plan, FaultPhase? phase, string point, Func<ValueTask<T>> call)
    {
        plan.Reach(point + ":before");
        var fault = phase is { } known ? plan.Next(known) : null;
        if (fault is FaultKind.ApplyFailsBefore or FaultKind.CheckpointFailsBefore or FaultKind.TakeFailsBefore or FaultKind.SettleFailsBefore)
        {
            throw Failure();
        }

        var result = await call().ConfigureAwait(false);
        try
        {
            plan.Reach(point + ":after");
            return fault is null ? result : throw Failure();
        }
        catch
        {
            // Nobody else gets it.
            (result as IDisposable)?.Dispose();
            throw;
        }
    }

    public static async ValueTask RunAsync(FaultPlan plan, FaultPhase? phase, string point, Func<ValueTask> call) =>
        await RunAsync(plan, phase, point, async () =>
        {
            await call().ConfigureAwait(false);
            return true;
        }).ConfigureAwait(false);

    private static SyncStoreException Failure() => new(SyncErrorKind.StoreFailed, "The store failed by plan. Try again.", isTransient: true);
}
