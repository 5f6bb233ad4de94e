using Agent.Sync.Engine;
using Agent.Sync.Resilience;
using Agent.Sync.Seams;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Engine;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Tests.Doctor;

/// <summary>What a diagnosis says of the local store, with a server and without.</summary>
public sealed class LocalDiagnosisTests
{
    private static readonly Dataset Notes = Dataset.Define("notes").Key("id", ColumnType.Integer).Column("name", ColumnType.Text).Version("version").UpdatedAt("updated_at");

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    [Fact]
    public async Task DiagnoseAsync_RejectedChange_IsAWarning()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Tables[0].AddCheck("name_check", static _ => "23514");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"name":"bad"}""");
        await harness.SyncAsync();

        await AssertFindsAsync(harness.Engine, FindingCodes.Changes, FindingSeverity.Warning, "1 local change in quarantine");
    }

    [Theory]
    [InlineData(1, FindingSeverity.Ok)]
    [InlineData(30, FindingSeverity.Warning)]
    public async Task DiagnoseAsync_ChangesThatWait_AreAWarningOnlyAfterADay(int hours, FindingSeverity severity)
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Tables[0].Insert("""{"id":9}""");
        await harness.SyncAsync();
        harness.Store.Insert(Notes, """{"id":1,"name":"n"}""");
        harness.Time.Advance(TimeSpan.FromHours(hours));

        await AssertFindsAsync(harness.Engine, FindingCodes.Changes, severity, "1 local change to be sent");
    }

    [Fact]
    public async Task DiagnoseAsync_AnotherUser_IsAnErrorOfTheCheckpoint()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Tables[0].Insert("""{"id":9}""");
        await harness.SyncAsync();
        harness.User = "somebody else";

        await AssertFindsAsync(harness.Engine, FindingCodes.Checkpoint, FindingSeverity.Error, "another user");
    }

    [Fact]
    public async Task DiagnoseAsync_AnotherProject_NamesTheResync()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        harness.Tables[0].Insert("""{"id":9}""");
        await harness.SyncAsync();

        await AssertFindsAsync(harness.OfProject(new Uri("https://other.double.invalid")), FindingCodes.Checkpoint, FindingSeverity.Warning, "ProjectChanged");
    }

    [Fact]
    public async Task DiagnoseAsync_DamagedCheckpoint_IsAnError()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        var id = CheckpointId.For(Notes);
        LeaseOwner owner = new("machine", 1, 1, Guid.NewGuid());
        var lease = await harness.Store.AcquireLeaseAsync(new LeaseRequest(id, owner, harness.Time.GetUtcNow(), TimeSpan.FromMinutes(1), static _ => false), Token);
        await harness.Store.WriteAsync(new CheckpointWrite(id, "torn"u8.ToArray(), 0, lease.Fence!.Value), Token);

        await AssertFindsAsync(harness.Engine, FindingCodes.Checkpoint, FindingSeverity.Error, "was refused");
    }

    [Fact]
    public async Task DiagnoseAsync_EngineWithoutConnection_LooksAtTheStoreAndSaysWhatIsMissing()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);

        var diagnosis = await Offline(harness, harness.Store, harness.Store).DiagnoseAsync(cancellationToken: Token);

        Assert.Equal(FindingSeverity.Unknown, diagnosis.Severity);
        Assert.Contains(diagnosis.Findings, static finding => finding is { Code: FindingCodes.Server, Mend: "Set Url." });
        Assert.Contains(diagnosis.Findings, static finding => finding is { Code: FindingCodes.Checkpoint, Severity: FindingSeverity.Ok });
    }

    [Fact]
    public async Task DiagnoseAsync_StoreThatFailsInAnyWay_IsAFindingAndQuotesNothing()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);
        StubStore store = new()
        {
            OnDiagnose = static () => throw new InvalidOperationException("a canary of a row"),
            OnCountParked = static () => throw new SyncStoreException(SyncErrorKind.StoreFailed, "The disk is gone."),
        };

        var diagnosis = await Offline(harness, store, harness.Store).DiagnoseAsync(cancellationToken: Token);

        Assert.Contains(diagnosis.Findings, static finding => finding is { Code: FindingCodes.LocalTable, Severity: FindingSeverity.Unknown });
        Assert.Contains(diagnosis.Findings, static finding => finding is { Code: FindingCodes.ParkedRows, Severity: FindingSeverity.Error, What: "The disk is gone." });
        Assert.All(diagnosis.Findings, static finding => Assert.DoesNotContain("canary", finding.ToString() + finding.Why + finding.Mend, StringComparison.Ordinal));
    }

    [Fact]
    public async Task DiagnoseAsync_ParkedRows_AreAWarning()
    {
        using var harness = new TwoWayHarness(kit: false, Notes);

        await AssertFindsAsync(Offline(harness, new StubStore { OnCountParked = static () => 3 }, harness.Store), FindingCodes.ParkedRows, FindingSeverity.Warning, "3 rows");
    }

    [Fact]
    public void ToString_OfADiagnosis_CountsBySeverity()
    {
        Diagnosis diagnosis = new([Of(FindingSeverity.Error), Of(FindingSeverity.Ok), Of(FindingSeverity.Warning), Of(FindingSeverity.Warning)]);

        Assert.Equal("1 error, 2 warnings, 0 unknown, 1 ok", diagnosis.ToString());
        Assert.Equal(FindingSeverity.Error, diagnosis.Severity);
        Assert.Equal(FindingSeverity.Ok, new Diagnosis([]).Severity);
        Assert.Equal("Ok notes table: It is there.", (Of(FindingSeverity.Ok) with { Dataset = "notes" }).ToString());

        static Finding Of(FindingSeverity severity) => new() { Code = FindingCodes.Table, Severity = severity, What = "It is there." };
    }

    private static SyncEngine Offline(TwoWayHarness harness, ILocalStore local, ICheckpointStore checkpoints) => new(
        harness.Options,
        local,
        checkpoints,
        http: null,
        new UserRateLimiter(harness.Options.RateLimit, harness.Time),
        NullLoggerFactory.Instance,
        meters: null,
        new EngineSeams { Time = harness.Time, Work = new InlineWork(), WorkingSet = static () => 1 },
        missing: ["Set Url."]);

    private static async Task AssertFindsAsync(SyncEngine engine, string code, FindingSeverity severity, string what)
    {
        var diagnosis = await engine.DiagnoseAsync(cancellationToken: Token);
        var finding = Assert.Single(diagnosis.Findings, finding => finding.Code == code);
        Assert.Equal(severity, finding.Severity);
        Assert.Contains(what, finding.What, StringComparison.Ordinal);
    }

    /// <summary>A store that is only looked at.</summary>
    private sealed class StubStore : ILocalStore
    {
        public Func<IReadOnlyList<Finding>> OnDiagnose { get; init; } = static () => [];

        public Func<long> OnCountParked { get; init; } = static () => 0;

        public ValueTask<LocalState> PrepareAsync(Dataset dataset, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<ApplyResult> ApplyAsync(ApplyBatch batch, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<SwapResult> SwapGenerationAsync(GenerationSwap swap, CancellationToken cancellationToken) => throw new NotSupportedException();

        public ValueTask<long> CountParkedAsync(Dataset dataset, CancellationToken cancellationToken) => ValueTask.FromResult(OnCountParked());

        public ValueTask<IReadOnlyList<Finding>> DiagnoseAsync(IReadOnlyList<Dataset> datasets, CancellationToken cancellationToken) => ValueTask.FromResult(OnDiagnose());
    }
}
