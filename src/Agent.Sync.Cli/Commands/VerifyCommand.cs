using System.CommandLine;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>Compares the file with the server, row by row, and repairs it where that is asked for.</summary>
internal static class VerifyCommand
{
    private static readonly Argument<string[]> Datasets = new("dataset")
    {
        Description = "Which ones; all when left out",
        Arity = ArgumentArity.ZeroOrMore,
    };

    private static readonly Option<bool> Repair = new("--repair") { Description = "Bring, replace and remove the rows that differ; without it nothing is changed" };

    private static readonly Option<bool> Values = new("--values") { Description = "Compare all values, not the keys and versions alone" };

    private static readonly Option<bool> AllowMassDelete = new("--allow-mass-delete") { Description = "Let a repair remove more than half of the rows" };

    public static Command Create()
    {
        Command command = new("verify", "Compare the file with the server: rows that are missing, stale or extra")
        {
            Datasets,
            Repair,
            Values,
            AllowMassDelete,
            CommandOptions.Config,
            CommandOptions.Url,
            CommandOptions.Key,
            CommandOptions.Email,
            CommandOptions.Database,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var parsed = context.Parsed;
        ProjectOptions options = new(parsed, Environment.GetEnvironmentVariable);
        var database = options.ExistingDatabase;
        var project = await options.ReadAsync(mayAsk: !parsed.GetValue(CommandOptions.Json), context.Cancelled);
        await using var runner = await SyncRunner.SignInAsync(
            context.Output, context.Loggers, options.File, project, CommandOptions.ReadSettings(parsed), context.Cancelled);
        VerifyOptions wanted = new() { Repair = parsed.GetValue(Repair), CompareValues = parsed.GetValue(Values), AllowMassDelete = parsed.GetValue(AllowMassDelete) };
        string[] names = parsed.GetValue(Datasets) is { Length: > 0 } named ? named : [.. options.File.Datasets.Select(static dataset => dataset.Name)];
        var exitCode = ExitCode.Completed;
        foreach (var name in names)
        {
            var result = await runner.Engine.VerifyAsync(name, wanted, progress: null, context.Cancelled);
            var told = VerifyEvent.From(result, wanted.Repair, database);
            context.Output.Write(told);
            exitCode = Math.Max(exitCode, told.ExitCode);
        }

        return exitCode;
    }
}
