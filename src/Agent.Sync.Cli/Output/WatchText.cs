using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>Where a watch stands, in one line.</summary>
internal static class WatchText
{
    public static string Describe(WatchEvent watch) => watch.State switch
    {
        WatchState.UpToDate => UpToDate(watch),
        WatchState.Failing => $"failing, and tried again with growing waits: {watch.Message}",
        WatchState.SignedOut => $"signed out, and signs in again after the interval: {watch.Message}",
        WatchState.NeedsDecision => $"waits for a decision: {watch.Message}",
        _ => $"failed: {watch.Message}",
    };

    private static string UpToDate(WatchEvent watch)
    {
        (long Count, string What)[] parts =
        [
            (watch.Applied, "applied"),
            (watch.Deleted, "deleted"),
            (watch.Pushed, "sent"),
            (watch.Rejected, "rejected"),
            (watch.Quarantined, "in quarantine"),
        ];
        var moved = parts.Where(static part => part.Count > 0).Select(static part => $"{Words.Count(part.Count)} {part.What}").ToArray();
        return moved.Length == 0 ? "up to date" : $"up to date: {string.Join(", ", moved)}";
    }
}
