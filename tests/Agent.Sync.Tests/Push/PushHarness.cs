using System.Globalization;
using System.Text;
using Agent.Sync.Diagnostics;
using Agent.Sync.Postgrest;
using Agent.Sync.Progress;
using Agent.Sync.Push;
using Agent.Sync.Push.Batches;
using Agent.Sync.Runs;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Push;

/// <summary>Pushes what an app edited in memory to a <see cref="PostgrestDouble"/>, run after run.</summary>
internal sealed class PushHarness
{
    private readonly InMemoryCheckpointStore _leases = new();

    public PushHarness(bool kit = false, Func<DatasetBuilder, DatasetBuilder>? define = null)
    {
        UsesKit = kit;
        Dataset = (define ?? (static builder => builder))(Define()).Build();
        Server = new ItemServer(Time, Dataset);
        if (kit)
        {
            Server.Table.EnableKit();
        }

        Edits.PrepareAsync(Dataset, CancellationToken.None).AsTask().Wait();
    }

    public Dataset Dataset { get; }

    public bool UsesKit { get; }

    public InMemoryLocalStore Edits { get; } = new();

    /// <summary>Gets or sets what stands in for the store; null for the store itself.</summary>
    public IChangeStore? OtherStore { get; set; }

    public ItemServer Server { get; }

    /// <summary>Gets or sets what stands in for the server; null for the server itself.</summary>
    public ICallTransport? Transport { get; set; }

    public SyncOptions Options { get; } = new();

    public FakeTimeProvider Time { get; } = new(Items.Noon);

    public RequestTally Tally => Server.Tally;

    public ListLog Log { get; } = new();

    public RecordingProgress Progress { get; } = new();

    public WorkScheduler Work { get; set; } = new InlineWork();

    public CancellationToken TimeOver { get; set; }

    public CancellationToken Cancellation { get; set; } = TestContext.Current.CancellationToken;

    public PushCounts Counts { get; private set; } = new();

    /// <summary>Gets the calls that wrote, or tried to.</summary>
    public IEnumerable<string> Writes => Server.Calls.Zip(Server.Bodies).Where(static call => call.First.Method != HttpMethod.Get).Select(static call => call.Second);

    public static DatasetBuilder Define() =>
        SampleDatasets.Of("items", "name").Version("version");

    /// <summary>Makes rows that are on both sides.</summary>
    public void Share(params (long Id, string Name)[] rows)
    {
        foreach (var (id, name) in rows)
        {
            Server.Write(id, name);
        }

        var page = Page.Parse(Dataset, Encoding.UTF8.GetBytes($"[{string.Join(',', Server.RowsOf(Dataset))}]"));
        Edits.ApplyAsync(new ApplyBatch(Dataset, [page], Checkpoint: null, Generation: null), CancellationToken.None).AsTask().Wait();
    }

    public void Insert(long id, string name = "n") => Edits.Insert(Dataset, $$"""{"id":{{id}},"name":"{{name}}"}""");

    public void InsertMany(int count)
    {
        for (var id = 1; id <= count; id++)
        {
            Insert(id, $"n{id}");
        }
    }

    public void Update(long id, string name) => Edits.Update(Dataset, $$"""{"name":"{{name}}"}""", Text(id));

    public void Delete(long id) => Edits.Delete(Dataset, Text(id));

    public string? LocalRow(long id) => Edits.FindRow("items", Text(id));

    public async Task<IReadOnlyList<LocalChange>> ListAsync(ChangeState? state = null) =>
        await Edits.ListChangesAsync(Dataset, state, 0, int.MaxValue, CancellationToken.None);

    public async Task<SyncOutcome> RunAsync(params ChangePart[] parts)
    {
        var seams = new EngineSeams { Time = Time, Work = Work, WorkingSet = static () => 1 };
        var lease = await DatasetLease.AcquireAsync(_leases, Dataset, seams, TimeSpan.Zero, CancellationToken.None);
        using var metrics = new SyncMetrics(null);
        var state = new PushState(Options.Push);
        var push = new DatasetPush(new PushContext
        {
            Run = new RunContext
            {
                Options = Options,
                Request = new SyncRequest(),
                Seams = seams,
                Metrics = metrics,
                Memory = new MemoryWatch(seams.WorkingSet, Options.MemoryLimit),
                Progress = new ProgressTracker(Progress, Time, Log),
                Log = Log,
                TimeOver = TimeOver,
            },
            Dataset = Dataset,
            Store = OtherStore ?? Edits,
            Transport = Transport ?? Server,
            Tally = Tally,
            Lease = lease,
            UsesKit = UsesKit,
            State = state,
        });
        Counts = state.Counts;
        try
        {
            parts = parts.Length > 0 ? parts : [ChangePart.Writes, ChangePart.Deletes];
            var outcome = await RunAsync(push, parts);
            if (outcome == SyncOutcome.Completed && state.WantsAnotherTry)
            {
                state.IsBackwards = true;
                outcome = await RunAsync(push, parts);
            }

            outcome = outcome == SyncOutcome.Completed && state.HoldsRefusals ? await push.EndAsync() : outcome;
            return state.Failure is null ? outcome : throw state.Failure;
        }
        finally
        {
            await lease.ReleaseAsync();
        }
    }

    /// <summary>Runs, and moves the clock until the run is done.</summary>
    public async Task<SyncOutcome> DriveAsync(params ChangePart[] parts)
    {
        var run = RunAsync(parts);
        for (var step = 0; step < 100_000 && !run.IsCompleted; step++)
        {
            Time.Advance(TimeSpan.FromMilliseconds(10));
        }

        Assert.True(run.IsCompleted, "The push waits for something that is not on the clock.");
        return await run;
    }

    private async Task<SyncOutcome> RunAsync(DatasetPush push, ChangePart[] parts)
    {
        foreach (var part in parts)
        {
            if (await push.RunAsync(part, Cancellation) is not SyncOutcome.Completed and var outcome)
            {
                return outcome;
            }
        }

        return SyncOutcome.Completed;
    }

    private static string Text(long id) => id.ToString(CultureInfo.InvariantCulture);
}
