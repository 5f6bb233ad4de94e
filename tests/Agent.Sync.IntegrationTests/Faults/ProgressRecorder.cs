namespace Agent.Sync.IntegrationTests.Faults;

/// <summary>Keeps what a run reports, and does something at each report.</summary>
internal sealed class ProgressRecorder(Action<SyncProgress>? callback = null) : IProgress<SyncProgress>
{
    private readonly List<SyncProgress> _reports = [];

    public IReadOnlyList<SyncProgress> Reports => _reports;

    public void Report(SyncProgress value)
    {
        _reports.Add(value);
        callback?.Invoke(value);
    }
}
