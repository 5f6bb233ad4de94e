using System.Globalization;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace Agent.Sync.Hosting;

/// <summary>Says from the local store, and from the hosted sync where there is one, whether the local rows can be relied on. Sends no request.</summary>
/// <param name="engine">The engine.</param>
/// <param name="hosted">Its hosted sync; null when the app calls the engine itself.</param>
/// <param name="overlapLag">How far behind the server's clock a position is by design.</param>
/// <param name="maxAge">The age above which rows are too old.</param>
/// <param name="maxQuarantined">The quarantined changes that are still fine.</param>
/// <param name="time">The clock.</param>
internal sealed class AgentSyncHealthCheck(ISyncEngine engine, HostedSync? hosted, TimeSpan overlapLag, TimeSpan maxAge, long maxQuarantined, TimeProvider time) : IHealthCheck
{
    public async Task<HealthCheckResult> CheckHealthAsync(HealthCheckContext context, CancellationToken cancellationToken = default)
    {
        SyncStatus status;
        try
        {
            status = await engine.GetStatusAsync(cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException exception)
        {
            return new HealthCheckResult(context.Registration.FailureStatus, $"The local store cannot be read ({exception.Kind}). {exception.Message}");
        }

        Dictionary<string, object> data = [];
        List<string> bad = [];
        List<string> doubtful = [];
        CheckHost(bad, doubtful, data);
        foreach (var dataset in status.Datasets)
        {
            Check(dataset, bad, doubtful, data);
        }

        return bad.Count > 0 ? new HealthCheckResult(context.Registration.FailureStatus, string.Join(' ', [.. bad, .. doubtful]), data: data)
            : doubtful.Count > 0 ? HealthCheckResult.Degraded(string.Join(' ', doubtful), data: data)
            : HealthCheckResult.Healthy(status.ToString(), data);
    }

    private void CheckHost(List<string> bad, List<string> doubtful, Dictionary<string, object> data)
    {
        if (hosted?.State is not { } state)
        {
            return;
        }

        data["phase"] = state.Phase.ToString();
        data["failures"] = state.Failures;
        if (state.LastFailure is { } failure)
        {
            data["lastFailure"] = failure.Kind.ToString();
        }

        switch (state.Phase)
        {
            case HostedSyncPhase.NeedsDecision:
                bad.Add($"The sync stopped with {state.LastResult?.Outcome}, which needs a decision.");
                break;
            case HostedSyncPhase.Failed:
                bad.Add($"The last sync failed ({state.LastFailure?.Kind.ToString() ?? state.LastAppFailure}), and somebody has to correct that.");
                break;
            case HostedSyncPhase.Stopped:
                bad.Add("The hosted sync has stopped.");
                break;
            case HostedSyncPhase.SignedOut:
                doubtful.Add("Nobody is signed in.");
                break;
            case HostedSyncPhase.BackingOff:
            case HostedSyncPhase.Running when state.Failures > 0:
                doubtful.Add($"The last sync failed ({state.LastFailure?.Kind.ToString() ?? state.LastAppFailure}) and is tried again.");
                break;
        }
    }

    private void Check(DatasetStatus dataset, List<string> bad, List<string> doubtful, Dictionary<string, object> data)
    {
        var now = time.GetUtcNow();
        data[$"{dataset.Dataset}.pending"] = dataset.Pending;
        data[$"{dataset.Dataset}.quarantined"] = dataset.Quarantined;
        data[$"{dataset.Dataset}.parked"] = dataset.Parked;
        if (dataset.AsOf is { } asOf)
        {
            var behind = now - asOf;
            data[$"{dataset.Dataset}.asOf"] = asOf;
            data[$"{dataset.Dataset}.age"] = Math.Max(0, behind.TotalSeconds);
            CheckAge(dataset, now, behind, bad, doubtful);
        }
        else
        {
            // Before its first sync is complete a dataset is on its way for as long as its rows may be old.
            var isLate = hosted?.State.StartedAt is { } started && now - started > maxAge && (dataset.SavedAt is not { } saved || now - saved > maxAge);
            (isLate ? bad : doubtful).Add(dataset.IsResync ? $"{dataset.Dataset}: a resync is not complete." : $"{dataset.Dataset}: the first sync is not complete.");
        }

        if (dataset.Quarantined > maxQuarantined)
        {
            doubtful.Add(string.Create(CultureInfo.InvariantCulture, $"{dataset.Dataset}: {dataset.Quarantined} changes are in quarantine."));
        }

        if (dataset.Parked > 0)
        {
            doubtful.Add(string.Create(CultureInfo.InvariantCulture, $"{dataset.Dataset}: {dataset.Parked} rows of the server are parked."));
        }
    }

    private void CheckAge(DatasetStatus dataset, DateTimeOffset now, TimeSpan behind, List<string> bad, List<string> doubtful)
    {
        if (behind > maxAge + (dataset.Grade == CompletenessGrade.Overlap ? overlapLag : TimeSpan.Zero))
        {
            bad.Add(string.Create(CultureInfo.InvariantCulture, $"{dataset.Dataset}: the rows are of {behind.TotalSeconds:0} s ago."));
        }

        var last = hosted?.State.LastResult?.Datasets.FirstOrDefault(result => string.Equals(result.Dataset, dataset.Dataset, StringComparison.Ordinal));
        if (last?.HorizonHeldSince is { } since && now - since > maxAge)
        {
            doubtful.Add(string.Create(CultureInfo.InvariantCulture, $"{dataset.Dataset}: a transaction on the server has held the horizon back for {(now - since).TotalSeconds:0} s."));
        }
    }
}
