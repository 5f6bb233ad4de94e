using Spectre.Console;

namespace Agent.Sync.Cli.Output;

/// <summary>A bar per dataset and direction.</summary>
internal sealed class BarProgress(ProgressContext context, FactsColumn facts) : IProgress<SyncProgress>
{
    private const double Whole = 100;

    // A push that has sent all stays below the whole until the run ends, since edits may follow.
    private const double AllSent = 99.9;

    private readonly Dictionary<(string Dataset, bool IsPush), ProgressTask> _bars = [];

    public void Report(SyncProgress value)
    {
        var isPush = value.Phase == SyncPhase.Push;
        if (!_bars.TryGetValue((value.Dataset, isPush), out var bar))
        {
            bar = context.AddTask(Markup.Escape(isPush ? $"{value.Dataset} up" : value.Dataset), maxValue: Whole);
            _bars.Add((value.Dataset, isPush), bar);
        }

        if (!isPush)
        {
            EndPushes();
        }

        facts.Show(bar, value);
        bar.IsIndeterminate = value.Fraction is null;
        bar.Value = Whole * (value.Fraction ?? 0);
    }

    // What follows a push is read: the bar would stop short of its end for good.
    private void EndPushes()
    {
        foreach (var ((_, isPush), bar) in _bars)
        {
            if (isPush && bar.Value >= AllSent)
            {
                bar.Value = Whole;
            }
        }
    }
}
