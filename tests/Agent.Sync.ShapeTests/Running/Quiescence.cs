using Agent.Sync.ShapeTests.Histories;

namespace Agent.Sync.ShapeTests.Running;

/// <summary>Lets the devices sync until nothing moves any more.</summary>
internal static class Quiescence
{
    private const int MostRounds = 10;

    public static async Task SettleAsync(this ShapeRun run, bool full = false)
    {
        var failures = new Dictionary<int, string>();
        for (var round = 1; round <= MostRounds; round++)
        {
            var moves = false;
            foreach (var device in run.Devices)
            {
                moves |= await SettleAsync(run, device, full && round == 1, failures);
            }

            if (!moves && round > 1)
            {
                return;
            }
        }

        throw new ShapeFailureException("an end", $"something still moves after {MostRounds} rounds");
    }

    private static async Task<bool> SettleAsync(ShapeRun run, ShapeDevice device, bool full, Dictionary<int, string> failures)
    {
        var request = new SyncRequest { FullResync = full, AllowMassDelete = full };
        var (result, failure) = await run.SyncAsync(device, full ? "(full)" : "(end)", KillSwitch.Never, request);
        if (failure is not null)
        {
            if (await IsTheTablesAsync(run, device, failure) || IsToldOfTheCursor(run, failure))
            {
                return true;
            }

            var name = $"{failure.Kind} {failure.Code}";
            if (failures.GetValueOrDefault(device.Number) == name)
            {
                throw new ShapeFailureException("not stuck", $"device {device.Number} fails again and again: {failure.Kind} {failure.Code}: {failure.Message}");
            }

            failures[device.Number] = name;
            return true;
        }

        failures.Remove(device.Number);
        if (result!.Outcome is SyncOutcome.ResyncRequired or SyncOutcome.MassDeleteRefused)
        {
            await run.SyncAsync(device, "(asked for)", KillSwitch.Never, new SyncRequest { FullResync = true, AllowMassDelete = true });
            return true;
        }

        return result.Pushed + result.Applied + result.Deleted > 0 || result.Datasets.Any(static dataset => dataset.Pending > 0 || dataset.HasMore);
    }

    /// <summary>
    /// Whether the run says that the server does not move the cursor of a table whose cursor stands still. Each run that sends an update of it does, after the
    /// change is settled (docs/adr/0021): the rest goes up with the next runs.
    /// </summary>
    private static bool IsToldOfTheCursor(ShapeRun run, SyncException failure) =>
        failure.Kind == SyncErrorKind.RemoteSchema && run.Shape.Tables.Any(table => table.Name == failure.Dataset && !table.MovesCursor);

    /// <summary>
    /// Whether every change that a device has of a table is refused with a code that may be the table's: then docs/push.md says that nothing can tell
    /// whose fault it is, that everything is pulled all the same, and that the changes may be discarded. The user does.
    /// </summary>
    private static async Task<bool> IsTheTablesAsync(ShapeRun run, ShapeDevice device, SyncException failure)
    {
        var table = run.Shape.Tables.FirstOrDefault(table => table.Name == failure.Dataset && table.Columns.Any(column => column.RefusedWith is not null && column.RefusedWith == failure.Code));
        if (table is null)
        {
            return false;
        }

        var kept = (await run.NamedAsync(device)).Kept.Where(change => change.Table == table.Name).ToList();
        long[] changes = [.. kept.Where(static change => change.Change.State != ChangeState.Quarantined).Select(static change => change.Change.Id)];
        var discarded = await device.UseAsync(KillSwitch.Never, engine => engine.DiscardChangesAsync(table.Name, changes));
        run.Note($"device {device.Number} discards {discarded} of {changes.Length}: {string.Join("; ", kept)}");
        await run.DiscardAsync(device, [.. kept.Where(static change => change.Change.State != ChangeState.Quarantined)]);
        return discarded > 0;
    }
}
