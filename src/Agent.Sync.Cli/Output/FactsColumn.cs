using System.Collections.Concurrent;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Agent.Sync.Cli.Output;

/// <summary>The numbers beside a bar. They are the engine's: Spectre's own would count an earlier run's rows into the rate.</summary>
internal sealed class FactsColumn : ProgressColumn
{
    private readonly ConcurrentDictionary<int, SyncProgress> _snapshots = [];

    protected override bool NoWrap => true;

    public void Show(ProgressTask bar, SyncProgress progress) => _snapshots[bar.Id] = progress;

    public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
        _snapshots.TryGetValue(task.Id, out var progress) ? new Text(Describe(progress)) : Text.Empty;

    private static string Describe(SyncProgress progress)
    {
        var isDone = progress.Phase == SyncPhase.Completed;
        var parts = new List<string>
        {
            progress.Total is { } total && !isDone ? $"{Words.Count(progress.Completed)}/{Words.Count(total)}" : $"{Words.Count(progress.Completed)} rows",
        };
        if (progress.RowsPerSecond is { } rate and >= 1)
        {
            parts.Add($"{Words.Count(rate)}/s");
        }

        if (progress.EstimatedTimeLeft is { } left && !isDone)
        {
            parts.Add($"{Words.Seconds(left.TotalSeconds)} left");
        }

        return string.Join("  ", parts);
    }
}
