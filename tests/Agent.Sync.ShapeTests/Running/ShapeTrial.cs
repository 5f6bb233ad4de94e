using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Running;

/// <summary>One shape from its first row to the verdict.</summary>
internal static class ShapeTrial
{
    /// <summary>Runs the steps and judges what is left.</summary>
    /// <returns>Null, or which promise was broken, with the shape and its history.</returns>
    public static async Task<BrokenPromise?> RunAsync(Shape shape, IShapeServer server, IReadOnlyList<Step> steps)
    {
        await using var run = new ShapeRun(shape, server);
        try
        {
            var history = new HistoryRunner(run);
            await history.BeginAsync();
            foreach (var step in steps)
            {
                await history.RunAsync(step);
            }

            await JudgeAsync(run);
            return null;
        }
        catch (ShapeFailureException failure)
        {
            foreach (var device in run.Devices)
            {
                run.Note($"(named) device {device.Number}: {await NamesAsync(run, device)}");
            }

            return Report(run, steps, failure.Promise, failure.Message);
        }
        catch (SyncException exception)
        {
            return Report(run, steps, "answers between runs", $"a device cannot say what it keeps: {exception.Kind} {exception.Message}");
        }
    }

    private static BrokenPromise Report(ShapeRun run, IReadOnlyList<Step> steps, string promise, string message) => new(
        promise,
        $"{message}\n\n{run.Shape}\n\n{run.Log}\nReplay: SHAPE_SEED={run.Shape.Seed} SHAPE_STEPS={string.Join(',', steps.Select(static step => step.Number))}");

    private static async Task<string> NamesAsync(ShapeRun run, ShapeDevice device)
    {
        try
        {
            return (await run.NamedAsync(device)).ToString();
        }
        catch (SyncException exception)
        {
            return $"cannot say: {exception.Kind} {exception.Message}";
        }
    }

    private static async Task JudgeAsync(ShapeRun run)
    {
        await run.SettleAsync();
        await QuarantineOracle.JudgeAsync(run);
        await ConvergenceOracle.JudgeAsync(run, isFull: false);
        await run.SettleAsync(full: true);
        for (var before = -1; await QuarantineOracle.RetryAsync(run) is var retried && retried > 0 && retried != before; before = retried)
        {
            // What goes up now may have stood in another's way, on any device.
            await run.SettleAsync();
            if (!run.Shape.Kit || run.Shape.Tables.Any(static table => !table.MovesCursor))
            {
                // No delta brings the others a real delete without the kit, or an update that leaves the cursor where it is.
                await run.SettleAsync(full: true);
            }
        }

        await QuarantineOracle.JudgeAsync(run);
        await QuarantineOracle.JudgeReasonsAsync(run);
        await ConvergenceOracle.JudgeAsync(run, isFull: true);
        var entries = await run.Server.AuditAsync();
        AuditOracle.Judge(run, entries);
        await EditOracle.JudgeAsync(run, entries);
    }
}
