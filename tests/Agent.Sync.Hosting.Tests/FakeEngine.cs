using System.Runtime.CompilerServices;

namespace Agent.Sync.Hosting.Tests;

/// <summary>An engine whose runs end at once, as the test says, and which knows when they started.</summary>
internal sealed class FakeEngine(TimeProvider time) : ISyncEngine
{
    private readonly DateTimeOffset _start = time.GetUtcNow();
    private readonly Queue<Func<SyncResult>> _script = new();

    /// <summary>Gets the seconds from the start at which runs started.</summary>
    public List<double> Runs { get; } = [];

    public List<SyncRequest> Requests { get; } = [];

    public DatasetStatus Status { get; set; } = new() { Dataset = "notes", Phase = SyncPhase.Delta };

    /// <summary>Gets or sets what a run does to the status.</summary>
    public Func<DatasetStatus, DatasetStatus> Effect { get; set; } = static status => status with { Pending = 0 };

    public SyncException? StatusFailure { get; set; }

    /// <summary>Gets or sets a run that does not end before it is cancelled.</summary>
    public bool Hangs { get; set; }

    public static SyncResult Result(SyncOutcome outcome = SyncOutcome.Completed, bool hasMore = false) => new()
    {
        Outcome = outcome,
        Grade = CompletenessGrade.Overlap,
        Duration = TimeSpan.FromSeconds(1),
        PeakMemoryBytes = 1,
        Datasets = [new DatasetResult { Dataset = "notes", Outcome = outcome, Grade = CompletenessGrade.Overlap, HasMore = hasMore }],
    };

    public static SyncException Transient(SyncErrorKind kind = SyncErrorKind.Unreachable) =>
        new SyncTransportException(kind, "The server is away.", dataset: null, code: null, isTransient: true);

    /// <summary>Scripts the next runs; those after the script complete.</summary>
    public void Then(params SyncOutcome[] outcomes)
    {
        foreach (var outcome in outcomes)
        {
            _script.Enqueue(() => Result(outcome));
        }
    }

    public void Then(SyncResult result) => _script.Enqueue(() => result);

    public void ThenFail(Exception exception, int times = 1)
    {
        for (var time = 0; time < times; time++)
        {
            _script.Enqueue(() => throw exception);
        }
    }

    public async Task<SyncResult> SyncAsync(SyncRequest request, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default)
    {
        cancellationToken.ThrowIfCancellationRequested();
        Requests.Add(request);
        Runs.Add((time.GetUtcNow() - _start).TotalSeconds);
        if (Hangs)
        {
            await Task.Delay(Timeout.InfiniteTimeSpan, time, cancellationToken).ConfigureAwait(false);
        }

        Status = Effect(Status);
        return _script.TryDequeue(out var next) ? next() : Result();
    }

    public Task<SyncStatus> GetStatusAsync(CancellationToken cancellationToken = default) =>
        StatusFailure is null ? Task.FromResult(new SyncStatus([Status])) : Task.FromException<SyncStatus>(StatusFailure);

    public IAsyncEnumerable<Page> ReadPagesAsync(string dataset, Cursor? after = null, CancellationToken cancellationToken = default) => Nothing<Page>(cancellationToken);

    public Task<VerifyResult> VerifyAsync(string dataset, VerifyOptions? options = null, IProgress<VerifyProgress>? progress = null, CancellationToken cancellationToken = default) =>
        Task.FromException<VerifyResult>(new InvalidOperationException());

    public Task ResetAsync(string dataset, CancellationToken cancellationToken = default) => Task.CompletedTask;

    public IAsyncEnumerable<LocalChange> ReadChangesAsync(string dataset, ChangeState? state = null, CancellationToken cancellationToken = default) => Nothing<LocalChange>(cancellationToken);

    public Task<ChangeRows> ReadChangeRowsAsync(string dataset, long change, CancellationToken cancellationToken = default) => Task.FromException<ChangeRows>(new InvalidOperationException());

    public Task<int> RetryChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) => Task.FromResult(0);

    public Task<int> DiscardChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default) => Task.FromResult(0);

    public IAsyncEnumerable<ParkedRow> ReadParkedRowsAsync(string dataset, CancellationToken cancellationToken = default) => Nothing<ParkedRow>(cancellationToken);

    public Task<Diagnosis> DiagnoseAsync(IReadOnlyCollection<string>? datasets = null, CancellationToken cancellationToken = default) => Task.FromResult(new Diagnosis([]));

    public Task<RowExplanation> ExplainAsync(string dataset, string key, CancellationToken cancellationToken = default) => Task.FromException<RowExplanation>(new InvalidOperationException());

    private static async IAsyncEnumerable<T> Nothing<T>([EnumeratorCancellation] CancellationToken cancellationToken = default)
    {
        await Task.CompletedTask.WaitAsync(cancellationToken).ConfigureAwait(false);
        yield break;
    }
}
