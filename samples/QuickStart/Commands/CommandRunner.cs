using System.CommandLine;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;
using QuickStart.Events;
using QuickStart.Output;

namespace QuickStart.Commands;

/// <summary>Runs a command with its output, its logs, signals, and an exit code for whatever happens.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(ParseResult parsed, Func<CommandContext, Task<int>> command)
    {
        var json = parsed.GetValue(CommandOptions.Json);
        var debug = parsed.GetValue(CommandOptions.Debug);
        var output = OutputFactory.Create(json, debug);
        using ILoggerFactory loggers = debug ? new StderrLoggers(Console.Error, json, TimeProvider.System) : NullLoggerFactory.Instance;
        using Interruption interruption = new(signal => output.Write(new StoppingEvent(signal)), output.Abandon);
        try
        {
            return await command(new CommandContext(parsed, output, loggers, interruption.Token));
        }
        catch (OperationCanceledException) when (interruption.Token.IsCancellationRequested)
        {
            return interruption.ExitCode;
        }
        catch (Exception exception)
        {
            var failure = Failures.Describe(exception, debug);
            output.Write(failure);
            return failure.ExitCode;
        }
    }
}
