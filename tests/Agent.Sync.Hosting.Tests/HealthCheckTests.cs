using Agent.Sync.Testing;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Agent.Sync.Hosting.Tests;

public sealed class HealthCheckTests
{
    private readonly VirtualTimeProvider _time = new();
    private readonly FakeEngine _engine;
    private readonly HostedSync _hosted = new(name: null);

    public HealthCheckTests()
    {
        _engine = new FakeEngine(_time);
        _engine.Status = _engine.Status with { SavedAt = _time.GetUtcNow(), AsOf = _time.GetUtcNow() };
        _hosted.Change(state => state with { Phase = HostedSyncPhase.Waiting, StartedAt = _time.GetUtcNow(), LastResultAt = _time.GetUtcNow() });
    }

    [Fact]
    public async Task Check_FreshRows_IsHealthyWithCountsAndAges()
    {
        _time.Advance(TimeSpan.FromMinutes(9));

        var result = await CheckAsync();

        Assert.Equal(HealthStatus.Healthy, result.Status);
        Assert.Equal(_engine.Status.AsOf, (DateTimeOffset)result.Data["notes.asOf"]);
        Assert.Equal((540.0, 0L), ((double)result.Data["notes.age"], (long)result.Data["notes.quarantined"]));
    }

    [Theory]
    [InlineData(14.9, HealthStatus.Healthy)]
    [InlineData(15.1, HealthStatus.Unhealthy)]
    public async Task Check_OldRows_AreUnhealthyAboveAgeAndOverlapLag(double minutes, HealthStatus status)
    {
        _time.Advance(TimeSpan.FromMinutes(minutes));

        Assert.Equal(status, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task Check_TransactionHoldsTheHorizonForLong_IsDegradedAndNamesIt()
    {
        var since = _time.GetUtcNow();
        _time.Advance(TimeSpan.FromMinutes(11));
        _engine.Status = _engine.Status with { Grade = CompletenessGrade.Exact, AsOf = _time.GetUtcNow() };
        var completed = FakeEngine.Result(SyncOutcome.Completed);
        completed = completed with { Datasets = [new DatasetResult { Dataset = _engine.Status.Dataset, Outcome = SyncOutcome.Completed, Grade = CompletenessGrade.Exact, HorizonHeldSince = since }] };
        _hosted.Change(state => state with { LastResult = completed, LastResultAt = _time.GetUtcNow() });

        var result = await CheckAsync();

        Assert.Equal(HealthStatus.Degraded, result.Status);
        Assert.Contains("horizon", result.Description, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(2, 0, HealthStatus.Healthy)]
    [InlineData(3, 0, HealthStatus.Degraded)]
    [InlineData(0, 1, HealthStatus.Degraded)]
    public async Task Check_QuarantineAndParkedRows_DegradeAboveTheLimit(long quarantined, long parked, HealthStatus status)
    {
        _engine.Status = _engine.Status with { Quarantined = quarantined, Parked = parked };

        Assert.Equal(status, (await CheckAsync(maxQuarantined: 2)).Status);
    }

    [Theory]
    [InlineData(HostedSyncPhase.Waiting, HealthStatus.Healthy)]
    [InlineData(HostedSyncPhase.Running, HealthStatus.Healthy)]
    [InlineData(HostedSyncPhase.BackingOff, HealthStatus.Degraded)]
    [InlineData(HostedSyncPhase.SignedOut, HealthStatus.Degraded)]
    [InlineData(HostedSyncPhase.NeedsDecision, HealthStatus.Unhealthy)]
    [InlineData(HostedSyncPhase.Failed, HealthStatus.Unhealthy)]
    [InlineData(HostedSyncPhase.Stopped, HealthStatus.Unhealthy)]
    public async Task Check_PhaseOfTheHostedSync_DecidesToo(HostedSyncPhase phase, HealthStatus status)
    {
        _hosted.Change(state => state with { Phase = phase, LastResult = FakeEngine.Result(SyncOutcome.MassDeleteRefused), LastFailure = FakeEngine.Transient() });

        var result = await CheckAsync();

        Assert.Equal(status, result.Status);
        Assert.Equal(("Unreachable", phase.ToString()), ((string)result.Data["lastFailure"], (string)result.Data["phase"]));
    }

    [Theory]
    [InlineData(9, HealthStatus.Degraded)]
    [InlineData(11, HealthStatus.Unhealthy)]
    public async Task Check_FirstSyncNotComplete_HasAsLongAsRowsMayBeOld(int minutes, HealthStatus status)
    {
        _engine.Status = new DatasetStatus { Dataset = "notes", Phase = SyncPhase.NotStarted };
        _time.Advance(TimeSpan.FromMinutes(minutes));

        Assert.Equal(status, (await CheckAsync()).Status);
    }

    [Fact]
    public async Task Check_StoreCannotBeRead_IsUnhealthy()
    {
        _engine.StatusFailure = new SyncStoreException(SyncErrorKind.StoreFailed, "The disk is full.", "notes", isTransient: false);

        var result = await CheckAsync();

        Assert.Equal(HealthStatus.Unhealthy, result.Status);
        Assert.Contains("The disk is full.", result.Description, StringComparison.Ordinal);
    }

    private Task<HealthCheckResult> CheckAsync(long maxQuarantined = 0)
    {
        AgentSyncHealthCheck check = new(_engine, _hosted, TimeSpan.FromMinutes(5), TimeSpan.FromMinutes(10), maxQuarantined, _time);
        HealthCheckContext context = new() { Registration = new HealthCheckRegistration("agent-sync", check, failureStatus: null, tags: null) };
        return check.CheckHealthAsync(context, TestContext.Current.CancellationToken);
    }
}
