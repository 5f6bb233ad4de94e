using Agent.Sync;
using Agent.Sync.Engine;
using Microsoft.Extensions.Logging;
using QuickStart.Events;
using QuickStart.Output;

namespace QuickStart.Syncing;

/// <summary>One pull, told to an output from the sign-in to the result.</summary>
internal sealed class PullRun(IOutput output, ILoggerFactory loggers)
{
    /// <returns>The exit code.</returns>
    public async Task<int> RunAsync(ProjectSettings project, int? pageSize, SyncRequest request, CancellationToken cancellationToken)
    {
        using var session = EngineFactory.CreateSession(project, loggers);
        await using var engine = EngineFactory.Create(project, session, pageSize, loggers);
        await session.SignInAsync(project.Email, project.Password, cancellationToken);
        output.Write(new SignedInEvent(project.Email));

        LastProgress last = new();
        var resumed = await FindResumedAsync(engine, request, cancellationToken);
        foreach (var dataset in resumed)
        {
            output.Write(new ResumingEvent(dataset.Dataset, dataset.RowsCompleted));
        }

        try
        {
            var result = await output.TrackAsync(progress => engine.SyncAsync(request, last.Before(progress), cancellationToken));
            var exitCode = ExitCodeOf(result.Outcome);
            output.Write(ResultEvent.From(result, project.Database, [.. resumed.Select(last.Position)], exitCode));
            return exitCode;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var status = await engine.GetStatusAsync(CancellationToken.None);
            output.Write(new StoppedEvent([.. status.Datasets.Where(IsUnderWay).Select(last.Position)], project.Database));
            throw;
        }
    }

    /// <summary>Whether a first sync, or a resync, of the dataset has begun and is not complete.</summary>
    private static bool IsUnderWay(DatasetStatus status) => status is { Phase: SyncPhase.Backfill, RowsCompleted: > 0 };

    private static async Task<DatasetStatus[]> FindResumedAsync(StandaloneSyncEngine engine, SyncRequest request, CancellationToken cancellationToken)
    {
        if (request.FullResync)
        {
            return [];
        }

        var status = await engine.GetStatusAsync(cancellationToken);
        return [.. status.Datasets.Where(IsUnderWay)];
    }

    private static int ExitCodeOf(SyncOutcome outcome) => outcome switch
    {
        SyncOutcome.Completed => ExitCode.Completed,
        SyncOutcome.ResyncRequired or SyncOutcome.UserChanged or SyncOutcome.MassDeleteRefused => ExitCode.NeedsDecision,
        _ => ExitCode.TryAgain,
    };
}
