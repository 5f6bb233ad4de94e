using System.Diagnostics.CodeAnalysis;
using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Watching;

/// <summary>
/// The engine of a watch: it signs in before the first run and after a refusal, shows the progress of runs until one has ended, and tells a run's end when the state is
/// another one than before or rows moved.
/// </summary>
/// <param name="engine">The engine.</param>
/// <param name="signIn">Signs in.</param>
/// <param name="run">Runs the engine and shows its progress.</param>
/// <param name="output">Where states are told.</param>
/// <param name="time">Dates them.</param>
/// <param name="debug">Whether an unexpected failure is told with all its details.</param>
internal sealed class WatchedEngine(
    ISyncEngine engine,
    Func<CancellationToken, Task> signIn,
    Func<SyncRequest, CancellationToken, Task<SyncResult>> run,
    IOutput output,
    TimeProvider time,
    bool debug) : ISyncEngine
{
    private readonly TaskCompletionSource<Exception> _refused = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _isSignedIn;
    private bool _hasSignedIn;
    private bool _hasRun;
    private WatchState? _told;

    /// <summary>Gets a task that ends when the very first sign-in is refused: trying a wrong password again and again helps nobody.</summary>
    public Task<Exception> Refused => _refused.Task;

    /// <summary>Gets the exit code of the last run; null when none has ended, or one was interrupted.</summary>
    public int? ExitCode { get; private set; }

    public async Task<SyncResult> SyncAsync(SyncRequest request, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        ExitCode = null;
        try
        {
            await SignInAsync(cancellationToken);
            var result = _hasRun ? await engine.SyncAsync(request, progress, cancellationToken) : await run(request, cancellationToken);
            _hasRun = true;
            Tell(request, result);
            return result;
        }
        catch (Exception exception) when (!cancellationToken.IsCancellationRequested)
        {
            _isSignedIn &= exception is not SyncAuthException { Kind: SyncErrorKind.AuthRequired };
            Tell(exception);
            throw;
        }
    }

    public Task<SyncStatus> GetStatusAsync(CancellationToken cancellationToken = default) => engine.GetStatusAsync(cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public IAsyncEnumerable<Page> ReadPagesAsync(string dataset, Cursor? after = null, CancellationToken cancellationToken = default) => engine.ReadPagesAsync(dataset, after, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public Task<VerifyResult> VerifyAsync(string dataset, VerifyOptions? options = null, IProgress<VerifyProgress>? progress = null, CancellationToken cancellationToken = default) =>
        engine.VerifyAsync(dataset, options, progress, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public Task ResetAsync(string dataset, CancellationToken cancellationToken = default) => engine.ResetAsync(dataset, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public IAsyncEnumerable<LocalChange> ReadChangesAsync(string dataset, ChangeState? state = null, CancellationToken cancellationToken = default) =>
        engine.ReadChangesAsync(dataset, state, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public Task<ChangeRows> ReadChangeRowsAsync(string dataset, long change, CancellationToken cancellationToken = default) => engine.ReadChangeRowsAsync(dataset, change, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public Task<int> RetryChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        engine.RetryChangesAsync(dataset, changes, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public Task<int> DiscardChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) =>
        engine.DiscardChangesAsync(dataset, changes, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public IAsyncEnumerable<ParkedRow> ReadParkedRowsAsync(string dataset, CancellationToken cancellationToken = default) => engine.ReadParkedRowsAsync(dataset, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public Task<Diagnosis> DiagnoseAsync(IReadOnlyCollection<string>? datasets = null, CancellationToken cancellationToken = default) => engine.DiagnoseAsync(datasets, cancellationToken);

    [ExcludeFromCodeCoverage(Justification = "A watch does not call it.")]
    public Task<RowExplanation> ExplainAsync(string dataset, string key, CancellationToken cancellationToken = default) => engine.ExplainAsync(dataset, key, cancellationToken);

    private async Task SignInAsync(CancellationToken cancellationToken)
    {
        if (_isSignedIn)
        {
            return;
        }

        try
        {
            await signIn(cancellationToken);
            (_isSignedIn, _hasSignedIn) = (true, true);
        }
        catch (SyncException exception) when (!exception.IsTransient && !_hasSignedIn)
        {
            _refused.TrySetResult(exception);
            throw;
        }
    }

    private void Tell(SyncRequest request, SyncResult result)
    {
        ExitCode = SyncRunner.ExitCodeOf(result.Outcome);
        var needsDecision = ExitCode == Events.ExitCode.NeedsDecision;
        var summary = ResultEvent.From(request.Direction, result, database: "", resumedAt: [], ExitCode.Value);
        Tell(
            new WatchEvent(time.GetUtcNow(), needsDecision ? WatchState.NeedsDecision : WatchState.UpToDate)
            {
                Applied = result.Applied,
                Deleted = result.Deleted,
                Pushed = result.Pushed,
                Rejected = result.Rejected,
                Quarantined = result.Quarantined,
                Outcome = result.Outcome,
                Message = needsDecision ? ResultText.Decision(summary) : null,
            },
            hasMoved: result.Applied + result.Deleted + result.Pushed + result.Rejected > 0);
    }

    private void Tell(Exception exception)
    {
        var failure = Failures.Describe(exception, debug);
        ExitCode = failure.ExitCode;
        if (_refused.Task.IsCompleted)
        {
            return;
        }

        var state = exception switch
        {
            SyncException { IsTransient: true } => WatchState.Failing,
            SyncException { Kind: SyncErrorKind.AuthRequired } => WatchState.SignedOut,
            _ => WatchState.Failed,
        };
        Tell(new WatchEvent(time.GetUtcNow(), state) { Kind = failure.Kind, Code = failure.Code, Message = string.Join(" ", failure.Messages) }, hasMoved: false);
    }

    private void Tell(WatchEvent watch, bool hasMoved)
    {
        if (watch.State != _told || hasMoved)
        {
            _told = watch.State;
            output.Write(watch);
        }
    }
}
