using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Cli.Syncing;

/// <summary>A signed-in user's engine, whose runs are told to an output.</summary>
internal sealed class SyncRunner : IAsyncDisposable
{
    private readonly IOutput _output;
    private readonly string _database;
    private readonly SupabaseSession _session;

    private SyncRunner(IOutput output, string database, SupabaseSession session, SyncEngine engine)
    {
        _output = output;
        _database = database;
        _session = session;
        Engine = engine;
    }

    public SyncEngine Engine { get; }

    public static async Task<SyncRunner> SignInAsync(
        IOutput output, ILoggerFactory loggers, ToolFile file, ProjectSettings project, SyncSettings settings, CancellationToken cancellationToken)
    {
        var session = EngineFactory.CreateSession(project, loggers);
        try
        {
            SyncRunner runner = new(output, project.Database, session, EngineFactory.Create(file, project, session, settings, loggers));
            await session.SignInAsync(project.Email, project.Password, cancellationToken);
            output.Write(new SignedInEvent(project.Email));
            return runner;
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public async Task<ResultEvent> RunAsync(SyncRequest request, CancellationToken cancellationToken)
    {
        LastProgress last = new();
        var before = await Engine.GetStatusAsync(cancellationToken);
        DatasetStatus[] resumed = request.FullResync || request.Direction == SyncDirection.Push ? [] : [.. before.Datasets.Where(IsUnderWay)];
        foreach (var dataset in resumed)
        {
            _output.Write(new ResumingEvent(dataset.Dataset, dataset.RowsCompleted));
        }

        if (request.Direction != SyncDirection.Pull)
        {
            foreach (var dataset in before.Datasets.Where(static dataset => dataset.Pending > 0))
            {
                _output.Write(new PendingEvent(dataset.Dataset, dataset.Pending));
            }
        }

        try
        {
            var result = await _output.TrackAsync(progress => Engine.SyncAsync(request, last.Before(progress), cancellationToken));
            var told = ResultEvent.From(request.Direction, result, _database, [.. resumed.Select(last.Position)], ExitCodeOf(result.Outcome));
            _output.Write(told);
            return told;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var status = await Engine.GetStatusAsync(CancellationToken.None);
            _output.Write(new StoppedEvent(
                [.. status.Datasets.Where(IsUnderWay).Select(last.Position)],
                status.Datasets.Sum(static dataset => dataset.Pending),
                _database));
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await Engine.DisposeAsync();
        _session.Dispose();
    }

    /// <summary>Whether a first sync, or a resync, of the dataset has begun and is not complete.</summary>
    private static bool IsUnderWay(DatasetStatus status) => status is { Phase: SyncPhase.Backfill, RowsCompleted: > 0 };

    private static int ExitCodeOf(SyncOutcome outcome) => outcome switch
    {
        SyncOutcome.Completed => ExitCode.Completed,
        SyncOutcome.CompletedWithQuarantine => ExitCode.Quarantine,
        SyncOutcome.ResyncRequired or SyncOutcome.UserChanged or SyncOutcome.MassDeleteRefused or SyncOutcome.QuarantineFull
            or SyncOutcome.UnrecordedEditsHeld => ExitCode.NeedsDecision,
        _ => ExitCode.TryAgain,
    };
}
