using System.Globalization;
using Agent.Sync.Cli.Events;
using Spectre.Console;

namespace Agent.Sync.Cli.Output;

/// <summary>Says an event in words: a label, and what there is to say.</summary>
/// <param name="text">Where it goes.</param>
/// <param name="followsBars">Whether bars, which leave an empty line below them, come before the end of a pull.</param>
internal sealed class EventText(TextWriterPair text, bool followsBars = false)
{
    private const int LabelWidth = 11;

    private readonly Lock _gate = new();

    public void WriteLine(string line)
    {
        lock (_gate)
        {
            text.Out.WriteLine(line);
        }
    }

    public void Write(ConsoleEvent consoleEvent)
    {
        lock (_gate)
        {
            Say(consoleEvent);
        }
    }

    private void Say(ConsoleEvent consoleEvent)
    {
        switch (consoleEvent)
        {
            case NoteEvent note:
                Row("note", note.Message);
                break;
            case InitEvent init:
                InitText.Write(init, Row, Headline);
                break;
            case SqlEvent sql:
                SqlText.Write(sql, text.Out, Row, Headline);
                break;
            case ScaffoldEvent { Code: { } code }:
                text.Out.Write(new Text(code));
                break;
            case ScaffoldEvent scaffold:
                foreach (var written in scaffold.Classes)
                {
                    Row("class", $"{written.Class}, of {written.Dataset}");
                }

                Headline($"Written: {scaffold.File}", "green");
                break;
            case CompletionEvent completion:
                text.Out.Write(new Text(completion.Script));
                break;
            case BackendEvent backend:
                Row("backend", $"{backend.Database} on {backend.Url.GetLeftPart(UriPartial.Authority)} ({Words.Seconds(backend.Seconds)})");
                break;
            case SeededEvent seeded:
                Row("seeded", $"{Words.Count(seeded.RowsPerUser)} artifacts for each of {seeded.Users} users ({Words.Seconds(seeded.Seconds)})");
                break;
            case ChangedEvent changed:
                Blank();
                DemoText.Write(changed, Row, Headline);
                Gap();
                break;
            case StoryEvent story:
                Blank();
                DemoText.Write(story, Row, Headline);
                break;
            case SignedInEvent signedIn:
                Row("signed in", signedIn.Email);
                break;
            case ResumingEvent resuming:
                Row("resuming", $"{resuming.Dataset} at {Words.Count(resuming.Rows)} rows");
                break;
            case PendingEvent pending:
                Row("to send", $"{pending.Dataset}: {Words.Changes(pending.Changes)} made here");
                break;
            case StoppingEvent:
                Row("stopping", "finishing what is under way (Ctrl+C again ends at once)");
                break;
            case StoppedEvent stopped:
                Stopped(stopped);
                break;
            case ResetEvent reset:
                Row("reset", $"{reset.Dataset}: its rows stay, the next pull reads everything again");
                break;
            case RetriedEvent retried:
                Row("retry", $"{retried.Dataset}: {Words.Changes(retried.Changes)} go up with the next sync");
                break;
            case DiscardedEvent discarded:
                Row("discarded", $"{discarded.Dataset}: {Words.Changes(discarded.Changes)}; the rows are the server's again");
                break;
            case ChangeEvent change:
                ChangesText.Write(change, Row);
                break;
            case ChangesEvent changes:
                ChangesText.Write(changes, Row, Headline);
                break;
            case QuarantineEvent quarantine:
                QuarantineText.Write(quarantine, Row, Headline);
                break;
            case ResultEvent result:
                Gap();
                ResultText.Write(result, Row, Headline);
                break;
            case WatchEvent watch:
                Row(watch.At.ToLocalTime().ToString("HH:mm:ss", CultureInfo.InvariantCulture), WatchText.Describe(watch));
                break;
            case VerifyEvent verify:
                VerifyText.Write(verify, Row, Headline);
                break;
            case StatusEvent status:
                StatusText.Write(status, Row);
                break;
            case DiagnosisEvent diagnosis:
                DiagnosisText.Write(diagnosis, Row, Headline);
                break;
            case WhyEvent why:
                WhyText.Write(why, Row, Headline);
                break;
            case NextEvent next:
                Blank();
                ClosingText.Write(next, text.Out, Headline);
                break;
            case ServingEvent serving:
                Blank();
                ClosingText.Write(serving, text.Out, Headline);
                break;
            case FailedEvent failed:
                Failed(failed);
                break;
        }
    }

    private void Stopped(StoppedEvent stopped)
    {
        Gap();
        if (stopped.Datasets.Count == 0)
        {
            Headline("Stopped. Everything done so far is kept.", "yellow");
        }

        foreach (var dataset in stopped.Datasets)
        {
            Headline($"Stopped at {Words.Position(dataset.Rows, dataset.Total)} {dataset.Dataset}; they are in the file", "yellow");
        }

        if (stopped.Pending > 0)
        {
            Row("to send", $"{Words.Changes(stopped.Pending)} made here are left");
        }

        Row("file", stopped.Database);
        Row("continue", "run the same command again");
    }

    private void Failed(FailedEvent failed)
    {
        foreach (var message in failed.Messages)
        {
            text.Error.MarkupLineInterpolated($"[red]error:[/] {message}");
        }
    }

    private void Row(string label, string value)
    {
        if (value.Length == 0)
        {
            Blank();
            return;
        }

        text.Out.MarkupLineInterpolated($"[grey]{label.PadRight(LabelWidth)}[/]{value}");
    }

    private void Headline(string words, string style) => text.Out.MarkupLine($"[{style}]{Markup.Escape(words)}[/]");

    private void Gap()
    {
        if (!followsBars)
        {
            Blank();
        }
    }

    private void Blank() => text.Out.WriteLine();
}

/// <summary>Where text goes: what was asked for, and what went wrong.</summary>
internal sealed record TextWriterPair(IAnsiConsole Out, IAnsiConsole Error);
