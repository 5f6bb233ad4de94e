using Agent.Sync;
using Spectre.Console;

namespace QuickStart.Output;

/// <summary>A bar per dataset.</summary>
internal sealed class BarProgress(ProgressContext context, FactsColumn facts) : IProgress<SyncProgress>
{
    private const double Whole = 100;

    private readonly Dictionary<string, ProgressTask> _bars = [];

    public void Report(SyncProgress value)
    {
        if (!_bars.TryGetValue(value.Dataset, out var bar))
        {
            bar = context.AddTask(Markup.Escape(value.Dataset), maxValue: Whole);
            _bars.Add(value.Dataset, bar);
        }

        facts.Show(bar, value);
        bar.IsIndeterminate = value.Fraction is null;
        bar.Value = Whole * (value.Fraction ?? 0);
    }
}
