using Agent.Sync.ShapeTests.Histories;

namespace Agent.Sync.ShapeTests.Running;

/// <summary>Runs a device's sync and holds it to what every run promises.</summary>
internal static class RunStep
{
    /// <summary>Syncs once.</summary>
    /// <returns>The result, or null when the run failed in a way that is not a broken promise by itself.</returns>
    public static async Task<(SyncResult? Result, SyncException? Failure)> SyncAsync(
        this ShapeRun run, ShapeDevice device, string label, KillSwitch kill, SyncRequest? request = null)
    {
        try
        {
            var (result, named) = await device.UseAsync(kill, async engine =>
                (await engine.SyncAsync(request ?? new SyncRequest(), cancellationToken: kill.Token), await run.NamedAsync(engine)));
            run.Note($"{label} device {device.Number} syncs: {result.Outcome}, {result.Pushed} pushed, {result.Conflicts} conflicts, {result.Rejected} rejected, {result.Applied} applied, {result.Deleted} deleted");
            if (request?.Direction != SyncDirection.Push)
            {
                device.HasSynced = true;
                device.Unrecorded.Clear();
                device.Fresh.Clear();
                var unseen = named.Kept.Where(static kept => kept.Change.State != ChangeState.Quarantined).Select(static kept => (kept.Table, kept.Key)).Concat(named.Parked);
                device.Learn(await run.LastChangeAsync(), unseen);
            }

            RequireHonesty(device, result, named);
            return (result, null);
        }
        catch (SyncException exception)
        {
            run.Note($"{label} device {device.Number} syncs: {exception.GetType().Name} {exception.Kind} {exception.Code}: {exception.Message}");
            if (exception.Kind == SyncErrorKind.LocalSchema && device.DeclareAgain())
            {
                // Refused before anything was read: the app takes its new version back, and may try again.
                run.Note($"device {device.Number}: the datasets declare again what they left out");
            }

            return (null, exception);
        }
        catch (OperationCanceledException) when (kill.Token.IsCancellationRequested)
        {
            run.Note($"{label} device {device.Number} syncs: cancelled ({kill})");
            return (null, null);
        }
        catch (Exception exception) when (kill.IsDead && exception is not ShapeFailureException)
        {
            run.Note($"{label} device {device.Number} syncs: died ({kill})");
            return (null, null);
        }
        catch (Exception exception) when (exception is not ShapeFailureException)
        {
            throw new ShapeFailureException("no raw exception", $"device {device.Number}, {label} {exception}");
        }
    }

    private static void RequireHonesty(ShapeDevice device, SyncResult result, NamedRows named)
    {
        var isSetAside = named.HasQuarantine || named.Parked.Count > 0;
        if (result.Outcome is SyncOutcome.Completed or SyncOutcome.CompletedWithQuarantine && isSetAside != (result.Outcome == SyncOutcome.CompletedWithQuarantine))
        {
            throw new ShapeFailureException("honest result", $"device {device.Number} said {result.Outcome}, and names: {named}");
        }

        if (result.Outcome == SyncOutcome.Completed && named.Kept.Count > 0 && result.Datasets.Sum(static dataset => dataset.Pending) == 0)
        {
            throw new ShapeFailureException("honest result", $"device {device.Number} said Completed and nothing pending, yet names: {named}");
        }
    }
}
