using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>The demo's edits, and what came of those that are of interest.</summary>
internal static class DemoText
{
    public static void Write(ChangedEvent changed, Action<string, string> row, Action<string, string> headline)
    {
        headline("This device edits its file with plain SQL, as an app does:", "bold");
        row("insert", $"'{changed.Added}'");
        row("update", $"an artifact becomes '{changed.Renamed}'");
        row("update", $"another one becomes '{changed.OurName}'");
        row("update", "a size becomes -1");
        row("delete", "an artifact");
        row("and", $"{Words.Count(changed.More)} more");
        headline("Meanwhile another device, on the server:", "bold");
        row("update", $"that other one becomes '{changed.TheirName}'");
        row("and", $"{Words.Count(changed.More)} more");
    }

    public static void Write(StoryEvent story, Action<string, string> row, Action<string, string> headline)
    {
        headline("What became of them:", "bold");
        row("sent", $"{Words.Changes(story.Sent)}: the server has them now");
        if (story.Kept is { } kept)
        {
            row("conflict", story.IsOurs
                ? $"both have '{kept}' now, this device's name"
                : $"both have '{kept}' now, the server's name");
            row("", story.IsOurs ? "(by --conflicts local; else the server's row wins)" : "(the server's row wins, unless --conflicts local is given)");
        }

        if (story.Rejected is { } rejected)
        {
            row("rejected", $"the size: {rejected.Reason}");
            row("", "it stays in this file, in quarantine, and holds nothing else up");
        }
    }
}
