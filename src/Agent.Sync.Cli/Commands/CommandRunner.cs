using System.CommandLine;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Output;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Agent.Sync.Cli.Commands;

/// <summary>What a command works with.</summary>
internal sealed record CommandContext(ParseResult Parsed, IOutput Output, ILoggerFactory Loggers, TimeProvider Time, CancellationToken Cancelled);

/// <summary>Runs a command with its output, its logs, signals, and an exit code for whatever happens.</summary>
internal static class CommandRunner
{
    public static async Task<int> RunAsync(ParseResult parsed, Func<CommandContext, Task<int>> command)
    {
        var json = parsed.GetValue(CommandOptions.Json);
        var debug = parsed.GetValue(CommandOptions.Debug);
        var output = OutputFactory.Create(json, debug);
#pragma warning disable RS0030 // The console is put together here.
        var time = TimeProvider.System;
#pragma warning restore RS0030
        using ILoggerFactory loggers = debug ? new StderrLoggers(Console.Error, json, time) : NullLoggerFactory.Instance;
        using Interruption interruption = new(signal => output.Write(new StoppingEvent(signal)), output.Abandon);
        try
        {
            return await command(new CommandContext(parsed, output, loggers, time, interruption.Token));
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
