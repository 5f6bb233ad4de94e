using Agent.Sync.Cli.Events;
using Spectre.Console;

namespace Agent.Sync.Cli.Output;

/// <summary>Lines to copy, at the end of a demo.</summary>
internal static class ClosingText
{
    public static void Write(NextEvent next, IAnsiConsole console, Action<string, string> headline)
    {
        headline("Next", "bold");
        foreach (var step in next.Steps)
        {
            console.MarkupLineInterpolated($"[grey]{step.What}:[/]");
            console.MarkupLineInterpolated($"  {step.Command}");
        }
    }

    public static void Write(ServingEvent serving, IAnsiConsole console, Action<string, string> headline)
    {
        headline("The backend stays up until Ctrl+C. In another terminal:", "bold");
        foreach (var (name, value) in serving.Environment)
        {
            console.MarkupLineInterpolated($"  export {name}='{value}'");
        }
    }
}
