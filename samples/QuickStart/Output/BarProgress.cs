using Agent.Sync;
using Spectre.Console;

namespace QuickStart.Output;

/// <summary>A bar per dataset and direction.</summary>
internal sealed class BarProgress(ProgressContext context, FactsColumn facts) : IProgress<SyncProgress>
{
    private const double Whole = 100;

    private readonly Dictionary<(string Dataset, bool IsPush), ProgressTask> _bars = [];

    public void Report(SyncProgress value)
    {
        var isPush = value.Phase == SyncPhase.Push;
        if (!_bars.TryGetValue((value.Dataset, isPush), out var bar))
        {
            bar = context.AddTask(Markup.Escape(isPush ? $"{value.Dataset} up" : value.Dataset), maxValue: Whole);
            _bars.Add((value.Dataset, isPush), bar);
        }

        facts.Show(bar, value);
        bar.IsIndeterminate = value.Fraction is null;
        bar.Value = Whole * (value.Fraction ?? 0);
    }
}
