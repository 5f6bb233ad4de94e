using System.CommandLine;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>Forgets positions, so that the next pull reads everything again.</summary>
internal static class ResetCommand
{
    private static readonly Argument<string?> Dataset = new("dataset")
    {
        Description = "Which one; all when left out",
        Arity = ArgumentArity.ZeroOrOne,
    };

    public static Command Create()
    {
        Command command = new("reset", "Forget the position; rows stay, and the next pull reads everything again") { Dataset, CommandOptions.Config, CommandOptions.Database };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        ProjectOptions options = new(context.Parsed, Environment.GetEnvironmentVariable);
        var database = options.ExistingDatabase;
        await using var engine = EngineFactory.CreateOffline(options.File, database, context.Loggers);
        string[] names = context.Parsed.GetValue(Dataset) is { } name ? [name] : [.. options.File.Datasets.Select(static dataset => dataset.Name)];
        foreach (var dataset in names)
        {
            await engine.ResetAsync(dataset, context.Cancelled);
            context.Output.Write(new ResetEvent(dataset));
        }

        return ExitCode.Completed;
    }
}
