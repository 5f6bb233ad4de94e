using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Demo;

/// <summary>Edits on both sides, with a conflict and an edit that the server rejects; then a sync, and what came of it.</summary>
internal sealed class DemoStory(IOutput output, SyncRunner runner, DeviceEdits device, ServerEdits server)
{
    private const string Edited = "artifacts";

    /// <summary>Edits unless edits of an interrupted run still wait to be sent; then syncs.</summary>
    public async Task<ResultEvent> RunAsync(BulkEdits bulk, SyncRequest request, CancellationToken cancellationToken)
    {
        var status = await runner.Engine.GetStatusAsync(cancellationToken);
        if (status.Datasets.Any(static dataset => dataset.Pending > 0))
        {
            return await runner.RunAsync(request, cancellationToken);
        }

        var rows = await device.MakeAsync(bulk, cancellationToken);
        await server.MakeAsync(rows, bulk, cancellationToken);
        output.Write(new ChangedEvent(rows.NewName, rows.Rename, rows.OurName, rows.TheirName, bulk.Count));
        var result = await runner.RunAsync(request, cancellationToken);
        if (result.ExitCode is ExitCode.Completed or ExitCode.Quarantine)
        {
            output.Write(await TellAsync(rows, result, cancellationToken));
        }

        return result;
    }

    /// <summary>What came of it, from the file and the quarantine.</summary>
    private async Task<StoryEvent> TellAsync(StoryRows rows, ResultEvent result, CancellationToken cancellationToken)
    {
        QuarantinedChange? rejected = null;
        await foreach (var change in runner.Engine.ReadChangesAsync(Edited, ChangeState.Quarantined, cancellationToken))
        {
            rejected ??= QuarantinedChange.From(change);
        }

        var kept = await device.ReadNameAsync(rows.Contested, cancellationToken);
        return new StoryEvent(result.Pushed, kept, kept == rows.OurName, rejected);
    }
}
