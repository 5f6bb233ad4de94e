using Agent.Sync.Cli.Events;
using Spectre.Console;

namespace Agent.Sync.Cli.Output;

/// <summary>Bars, for people at a terminal.</summary>
internal sealed class BarOutput(IAnsiConsole terminal, TextWriterPair text) : IOutput
{
    private const int BarWidth = 28;

    private readonly EventText _events = new(text, followsBars: true);
    private volatile bool _isDrawing;

    public void Write(ConsoleEvent consoleEvent)
    {
        if (_isDrawing)
        {
            // The terminal draws its bars anew below what is written through it.
            new EventText(new TextWriterPair(terminal, terminal)).Write(consoleEvent);
        }
        else
        {
            _events.Write(consoleEvent);
        }
    }

    public Task<T> WaitAsync<T>(string what, Func<Task<T>> work) =>
        DrawAsync(() => terminal.Status().StartAsync(Markup.Escape(what), _ => work()));

    public Task<T> TrackAsync<T>(Func<IProgress<SyncProgress>, Task<T>> work)
    {
        FactsColumn facts = new();
        var progress = terminal.Progress().Columns(
            new TaskDescriptionColumn { Alignment = Justify.Left },
            new ProgressBarColumn { Width = BarWidth },
            new PercentageColumn(),
            facts);
        return DrawAsync(() => progress.StartAsync(context => work(new BarProgress(context, facts))));
    }

    public void Abandon() => terminal.Cursor.Show();

    private async Task<T> DrawAsync<T>(Func<Task<T>> draw)
    {
        _isDrawing = true;
        try
        {
            return await draw();
        }
        finally
        {
            _isDrawing = false;
        }
    }
}
