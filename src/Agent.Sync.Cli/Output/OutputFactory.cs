using Spectre.Console;

namespace Agent.Sync.Cli.Output;

/// <summary>Chooses between bars, lines and JSON.</summary>
internal static class OutputFactory
{
    public static IOutput Create(bool json, bool debug)
    {
        if (json)
        {
            return new JsonOutput(Console.Out);
        }

        var capabilities = AnsiConsole.Console.Profile.Capabilities;
        var isTerminal = !Console.IsOutputRedirected && capabilities is { Ansi: true, Interactive: true };

        // Bars are drawn over themselves: log lines in between would tear them.
        var showsLogs = debug && !Console.IsErrorRedirected;
        TextWriterPair text = new(CreateLines(Console.Out, Console.IsOutputRedirected), CreateLines(Console.Error, Console.IsErrorRedirected));
        return isTerminal && !showsLogs ? new BarOutput(AnsiConsole.Console, text) : new LineOutput(text);
    }

    /// <summary>A console that never breaks a line: the terminal wraps long ones itself, and they can still be copied.</summary>
    private static IAnsiConsole CreateLines(TextWriter writer, bool isRedirected)
    {
        var console = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = isRedirected ? AnsiSupport.No : AnsiSupport.Detect,
            Out = new AnsiConsoleOutput(writer),
        });
        console.Profile.Width = 10_000;
        return console;
    }
}
