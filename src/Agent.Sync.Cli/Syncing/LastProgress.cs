using System.Collections.Concurrent;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Syncing;

/// <summary>Remembers the totals on their way to the screen, for what is said at the end.</summary>
internal sealed class LastProgress
{
    private readonly ConcurrentDictionary<string, long> _totals = [];

    public IProgress<SyncProgress> Before(IProgress<SyncProgress> next) => new Relay(this, next);

    public DatasetPosition Position(DatasetStatus status) => new(
        status.Dataset,
        status.RowsCompleted,
        _totals.TryGetValue(status.Dataset, out var total) ? total : null);

    private sealed class Relay(LastProgress owner, IProgress<SyncProgress> next) : IProgress<SyncProgress>
    {
        public void Report(SyncProgress value)
        {
            if (value is { Phase: not SyncPhase.Push, Total: { } total })
            {
                owner._totals[value.Dataset] = total;
            }
            else if (value.Phase != SyncPhase.Push)
            {
                owner._totals.TryRemove(value.Dataset, out _);
            }

            next.Report(value);
        }
    }
}
