using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>What waits to be sent.</summary>
internal static class ChangesText
{
    public static void Write(ChangeEvent change, Action<string, string> row)
    {
        row("change", change.Id);
        row(change.Kind.ToString().ToLowerInvariant(), QuarantineText.Key(change.Key));
        row("state", change.State == ChangeState.InFlight ? "sent, and the answer has not arrived" : "waits");
        if (change.Local is { } local)
        {
            row("here", local.GetRawText());
        }

        if (change.Server is { } server)
        {
            row("server", server.GetRawText());
        }

        row("", "");
    }

    public static void Write(ChangesEvent changes, Action<string, string> row, Action<string, string> headline)
    {
        headline(changes.Count == 0 ? "Nothing waits to be sent." : $"{Words.Changes(changes.Count)} to send: agent-sync sync, or push", "green");
        row("file", changes.Database);
    }
}
