using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;
using Microsoft.Extensions.Logging;

namespace Agent.Sync.Cli.Syncing;

/// <summary>A signed-in user's engine, whose runs are told to an output.</summary>
internal sealed class SyncRunner : IAsyncDisposable
{
    private readonly IOutput _output;
    private readonly ProjectSettings _project;
    private readonly SupabaseSession _session;

    private SyncRunner(IOutput output, ProjectSettings project, SupabaseSession session, SyncEngine engine)
    {
        _output = output;
        _project = project;
        _session = session;
        Engine = engine;
    }

    public SyncEngine Engine { get; }

    public static async Task<SyncRunner> SignInAsync(
        IOutput output, ILoggerFactory loggers, ToolFile file, ProjectSettings project, SyncSettings settings, CancellationToken cancellationToken)
    {
        var runner = Create(output, loggers, file, project, settings);
        try
        {
            await runner.SignInAsync(cancellationToken);
            return runner;
        }
        catch
        {
            await runner.DisposeAsync();
            throw;
        }
    }

    /// <summary>A runner whose user is not signed in yet.</summary>
    public static SyncRunner Create(IOutput output, ILoggerFactory loggers, ToolFile file, ProjectSettings project, SyncSettings settings)
    {
        var session = EngineFactory.CreateSession(project, loggers);
        try
        {
            return new SyncRunner(output, project, session, EngineFactory.Create(file, project, session, settings, loggers));
        }
        catch
        {
            session.Dispose();
            throw;
        }
    }

    public async Task SignInAsync(CancellationToken cancellationToken)
    {
        await _session.SignInAsync(_project.Email, _project.Password, cancellationToken);
        _output.Write(new SignedInEvent(_project.Email));
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

        var result = await SyncAsync(request, last, cancellationToken);
        var told = ResultEvent.From(request.Direction, result, _project.Database, [.. resumed.Select(last.Position)], ExitCodeOf(result.Outcome));
        _output.Write(told);
        return told;
    }

    /// <summary>A run with its progress, but without words about its beginning and its result.</summary>
    public async Task<SyncResult> SyncAsync(SyncRequest request, LastProgress last, CancellationToken cancellationToken)
    {
        try
        {
            return await _output.TrackAsync(progress => Engine.SyncAsync(request, last.Before(progress), cancellationToken));
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            var status = await Engine.GetStatusAsync(CancellationToken.None);
            _output.Write(new StoppedEvent(
                [.. status.Datasets.Where(IsUnderWay).Select(last.Position)],
                status.Datasets.Sum(static dataset => dataset.Pending),
                _project.Database));
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

    public static int ExitCodeOf(SyncOutcome outcome) => outcome switch
    {
        SyncOutcome.Completed => ExitCode.Completed,
        SyncOutcome.CompletedWithQuarantine => ExitCode.Quarantine,
        SyncOutcome.ResyncRequired or SyncOutcome.UserChanged or SyncOutcome.MassDeleteRefused or SyncOutcome.QuarantineFull
            or SyncOutcome.UnrecordedEditsHeld => ExitCode.NeedsDecision,
        _ => ExitCode.TryAgain,
    };
}
