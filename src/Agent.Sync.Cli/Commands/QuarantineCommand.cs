using System.CommandLine;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>Lists what the server rejected, and puts it back or gives it up; and what of the server's the file refuses.</summary>
internal static class QuarantineCommand
{
    private static readonly Option<string[]> Retry = Changes("--retry", "Send these, such as artifacts/3, again with the next run; all when none is named");

    private static readonly Option<string[]> Discard = Changes("--discard", "Give these up and take the server's rows; all when none is named");

    public static Command Create()
    {
        Command command = new("quarantine", "List the changes that the server rejected, to send them again or give them up, and the rows that the file refuses")
        {
            CommandOptions.Config,
            CommandOptions.Database,
            Retry,
            Discard,
        };
        command.Validators.Add(static result =>
        {
            if (result.GetResult(Retry) is not null && result.GetResult(Discard) is not null)
            {
                result.AddError("Give --retry or --discard, not both.");
            }
        });
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var parsed = context.Parsed;
        ProjectOptions options = new(parsed, Environment.GetEnvironmentVariable);
        var database = options.ExistingDatabase;
        await using var engine = EngineFactory.CreateOffline(options.File, database, context.Loggers);
        var changes = await ReadAsync(engine, options.File, context.Cancelled);
        var retried = parsed.GetResult(Retry) is null ? [] : Choose(changes, parsed.GetValue(Retry));
        var discarded = parsed.GetResult(Discard) is null ? [] : Choose(changes, parsed.GetValue(Discard));
        foreach (var (dataset, ids) in retried)
        {
            context.Output.Write(new RetriedEvent(dataset, await engine.RetryChangesAsync(dataset, ids, context.Cancelled)));
        }

        foreach (var (dataset, ids) in discarded)
        {
            context.Output.Write(new DiscardedEvent(dataset, await engine.DiscardChangesAsync(dataset, ids, context.Cancelled)));
        }

        if (retried.Count + discarded.Count == 0)
        {
            context.Output.Write(new QuarantineEvent(database, [.. changes.Select(QuarantinedChange.From)], await ReadParkedAsync(engine, options.File, context.Cancelled)));
        }

        return ExitCode.Completed;
    }

    private static async Task<List<LocalChange>> ReadAsync(SyncEngine engine, ToolFile file, CancellationToken cancellationToken)
    {
        List<LocalChange> changes = [];
        foreach (var dataset in file.Datasets.Select(static dataset => dataset.Name))
        {
            await foreach (var change in engine.ReadChangesAsync(dataset, ChangeState.Quarantined, cancellationToken))
            {
                changes.Add(change);
            }
        }

        return changes;
    }

    private static async Task<List<ParkedEntry>> ReadParkedAsync(SyncEngine engine, ToolFile file, CancellationToken cancellationToken)
    {
        List<ParkedEntry> rows = [];
        foreach (var dataset in file.Datasets.Select(static dataset => dataset.Name))
        {
            await foreach (var row in engine.ReadParkedRowsAsync(dataset, cancellationToken))
            {
                rows.Add(ParkedEntry.From(row));
            }
        }

        return rows;
    }

    /// <summary>The numbers that are meant, for each dataset that has some.</summary>
    private static List<(string Dataset, long[] Ids)> Choose(List<LocalChange> changes, string[]? named)
    {
        var wanted = named is { Length: > 0 } ? named : [.. changes.Select(QuarantinedChange.Name)];
        var known = changes.ToDictionary(QuarantinedChange.Name, StringComparer.Ordinal);
        if (wanted.FirstOrDefault(name => !known.ContainsKey(name)) is { } unknown)
        {
            throw new UsageException($"'{unknown}' is not in quarantine: agent-sync quarantine lists what is, such as artifacts/3. Nothing was done.");
        }

        return
        [
            .. wanted.Distinct(StringComparer.Ordinal)
                .Select(name => known[name])
                .GroupBy(static change => change.Dataset, static (dataset, group) => (dataset, group.Select(static change => change.Id).ToArray())),
        ];
    }

    private static Option<string[]> Changes(string name, string description) => new(name)
    {
        Description = description,
        HelpName = "changes",
        Arity = ArgumentArity.ZeroOrMore,
        AllowMultipleArgumentsPerToken = true,
    };
}
