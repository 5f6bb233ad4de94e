using System.Globalization;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>What happened in a stress run, counted from many threads.</summary>
internal sealed class StressReport
{
    public long Commits;
    public long Rollbacks;
    public long Savepoints;
    public long Deadlocks;
    public long Writes;
    public long Rounds;
    public long Kills;
    public long FailedRounds;
    public long LocalEdits;
    public long Pushed;
    public long Conflicts;
    public long Rejected;

    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Commits} transactions committed, {Rollbacks} rolled back, {Savepoints} sub-transactions rolled back, {Deadlocks} deadlocks, {Writes} writes; "
        + $"{Rounds} client rounds, {Kills} kills, {FailedRounds} rounds failed, {LocalEdits} local edits, {Pushed} pushed, {Conflicts} conflicts, {Rejected} rejected");
}
