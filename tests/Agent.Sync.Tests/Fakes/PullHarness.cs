using System.Text.Json.Nodes;
using Agent.Sync.Checkpoints;
using Agent.Sync.Diagnostics;
using Agent.Sync.Kit;
using Agent.Sync.Postgrest;
using Agent.Sync.Progress;
using Agent.Sync.Pull;
using Agent.Sync.Runs;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Fakes;

/// <summary>Pulls one dataset from a <see cref="PostgrestDouble"/> into memory, run after run, with rows and checkpoint in one store or in two.</summary>
internal sealed class PullHarness
{
    private static readonly Uri Url = new("https://project.example");

    private readonly InMemoryLocalStore? _rows;
    private readonly InMemoryTransactionalStore? _both;
    private readonly ContentSeal _seal = new([], new byte[32]);
    private readonly KitClient _kit;
    private Dataset? _sequenced;

    public PullHarness(bool together = true)
    {
        _both = together ? new InMemoryTransactionalStore() : null;
        _rows = together ? null : new InMemoryLocalStore();
        Server = new ItemServer(Time, Dataset);
        _kit = new KitClient(SqlKitMode.Require, Time);
        Checkpoints = (ICheckpointStore?)_both ?? new InMemoryCheckpointStore();
        Options.Url = Url;
        Options.PageSize = 3;
        Options.Commit.Interval = TimeSpan.Zero;
    }

    public ItemServer Server { get; }

    public SyncOptions Options { get; } = new();

    public ICheckpointStore Checkpoints { get; }

    public ILocalStore Local => (ILocalStore?)_both ?? _rows!;

    public FakeTimeProvider Time { get; } = new(Items.Noon);

    public ListLog Log { get; } = new();

    public RecordingProgress Progress { get; } = new();

    public string User
    {
        get => Server.User;
        set => Server.User = value;
    }

    public Dataset Dataset { get; set; } = Items.Dataset;

    public EngineSeams Seams => new() { Time = Time, Work = new InlineWork(), WorkingSet = static () => 1 };

    /// <summary>Gets the local rows in the order of their text, to compare with <see cref="ServerRows"/>.</summary>
    public IReadOnlyList<string> LocalRows => [.. (_both?.GetRows("items") ?? _rows!.GetRows("items")).Order(StringComparer.Ordinal)];

    public IReadOnlyList<string> ServerRows => Server.RowsOf(Rows);

    /// <summary>Gets the dataset as it is read and kept.</summary>
    public Dataset Rows => !UsesKit ? Dataset : _sequenced ??= Dataset.Sequenced();

    /// <summary>Gets or sets a value indicating whether the SQL kit is asked, which the server's table must have then.</summary>
    public bool UsesKit { get; set; }

    /// <summary>Gets or sets what a test makes of what the kit answers; null to leave it as it is.</summary>
    public Action<JsonObject>? KitSays { get; set; }

    public CancellationToken TimeOver { get; set; }

    public CancellationToken Cancellation { get; set; } = TestContext.Current.CancellationToken;

    /// <summary>Gets or sets what stands in for the server; null for the server itself.</summary>
    public IPageTransport? Transport { get; set; }

    /// <summary>Gets or sets what stands in for the local store; null for the store itself.</summary>
    public ILocalStore? OtherLocal { get; set; }

    public async Task<DatasetResult> RunAsync(SyncRequest? request = null)
    {
        var lease = await DatasetLease.AcquireAsync(Checkpoints, Dataset, Seams, TimeSpan.Zero, Cancellation);
        using var metrics = new SyncMetrics(null);
        var kit = new KitRun(_kit, [Dataset]);
        var calls = new EditedKit(Server, () => KitSays);
        var context = new PullContext
        {
            Run = new RunContext
            {
                Options = Options,
                Request = request ?? new SyncRequest(),
                Seams = Seams,
                Metrics = metrics,
                Memory = new MemoryWatch(Seams.WorkingSet, Options.MemoryLimit),
                Progress = new ProgressTracker(Progress, Time, Log),
                Log = Log,
                TimeOver = TimeOver,
            },
            Scope = new PullScope(Dataset, ScopeStamp.For(Dataset, Url, User, "authenticated"), UsesKit ? await kit.GetAsync(calls, Dataset, Cancellation) : null),
            Pages = Transport ?? Server,
            Calls = calls,
            Kit = kit,
            Tally = Server.Tally,
            Local = OtherLocal ?? Local,
            Keeper = new CheckpointKeeper(Checkpoints, _seal, Dataset, Time, lease.Fence),
            Lease = lease,
        };
        try
        {
            return await new DatasetPull(context).RunAsync(Cancellation);
        }
        finally
        {
            await lease.ReleaseAsync();
        }
    }

    public async Task<CheckpointState?> ReadStateAsync()
    {
        var slot = CheckpointId.For(Dataset);
        var stored = await Checkpoints.ReadAsync(slot, CancellationToken.None);
        return stored is null ? null : CheckpointCodec.Read(_seal, slot, Dataset.Name, stored.Content);
    }
}
