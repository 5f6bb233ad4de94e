using System.CommandLine;
using Agent.Sync.Cli.Diagnosing;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>Looks for what keeps a sync from working, as the user and, where an address is given, in the database's catalog.</summary>
internal static class DoctorCommand
{
    private static readonly Argument<string[]> Tables = new("table")
    {
        Description = "Which ones; all of the file when none is named",
        Arity = ArgumentArity.ZeroOrMore,
    };

    public static Command Create()
    {
        Command command = new("doctor", "Look for what keeps the sync from working, and say what mends it; nothing is changed")
        {
            Tables,
            CommandOptions.From,
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
        ProjectOptions options = new(context.Parsed, Environment.GetEnvironmentVariable);
        var datasets = Choose(options.File, context.Parsed.GetValue(Tables));
        await using var looking = await LookingEngine.OpenAsync(context, options);
        var diagnosis = await context.Output.WaitAsync("Looking at the project", () => looking.Engine.DiagnoseAsync([.. datasets.Select(static dataset => dataset.Name)], context.Cancelled));
        IReadOnlyList<Finding> seen = looking.Failure is { } failure
            ? [failure, .. diagnosis.Findings.Where(static finding => finding is not { Code: FindingCodes.Server, Severity: FindingSeverity.Unknown })]
            : diagnosis.Findings;
        var findings = options.DatabaseAddress is { } address
            ? FindingMerge.Of(seen, await context.Output.WaitAsync("Reading the catalog", () => ReadCatalogAsync(address, datasets, options.Database, context.Cancelled)))
            : seen;
        DiagnosisEvent told = new(findings, ReadsCatalog: options.DatabaseAddress is not null, options.Database, ExitCodeOf(findings, looking.ExitCode));
        context.Output.Write(told);
        return told.ExitCode;
    }

    private static Dataset[] Choose(ToolFile file, string[]? named)
    {
        if (named is not { Length: > 0 })
        {
            return [.. file.Datasets];
        }

        return named.FirstOrDefault(name => !file.Datasets.Any(dataset => Is(dataset, name))) is { } wrong
            ? throw new UsageException($"There is no dataset {wrong}: the file has {string.Join(", ", file.Datasets.Select(static dataset => dataset.Name))}.")
            : [.. file.Datasets.Where(dataset => named.Any(name => Is(dataset, name)))];
    }

    private static bool Is(Dataset dataset, string name) => dataset.Name == name || dataset.RemoteTable == name;

    private static async Task<IReadOnlyList<Finding>> ReadCatalogAsync(string address, Dataset[] datasets, string database, CancellationToken cancellationToken)
    {
        try
        {
            var catalog = await Catalog.ReadAsync(address, [.. datasets.Select(static dataset => dataset.Schema).Distinct(StringComparer.Ordinal)], cancellationToken);
            var facts = await TableFacts.ReadAsync(address, datasets, catalog.HasKit, cancellationToken);
            List<Finding> findings = [.. datasets.SelectMany(dataset => new CatalogCheckup(dataset, catalog, facts[dataset]).Run())];
            foreach (var dataset in datasets)
            {
                if (catalog.Tables.FirstOrDefault(table => table.Schema == dataset.Schema && table.Name == dataset.RemoteTable) is { } table
                    && await LocalRules.CompareAsync(database, dataset, table, facts[dataset], cancellationToken) is { } rules)
                {
                    findings.Add(rules);
                }
            }

            return findings;
        }
        catch (UsageException unreadable)
        {
            return [new Finding { Code = "catalog", Severity = FindingSeverity.Warning, What = "The database's catalog could not be read.", Why = "What only the catalog tells stays unknown.", Mend = unreadable.Message }];
        }
    }

    private static int ExitCodeOf(IReadOnlyList<Finding> findings, int ofFailure)
    {
        if (ofFailure != ExitCode.Completed)
        {
            return ofFailure;
        }

        var errors = findings.Where(static finding => finding.Severity == FindingSeverity.Error).Select(static finding => finding.Code).ToArray();
        return errors.Length == 0
            ? findings.Any(static finding => finding.Severity == FindingSeverity.Warning) ? ExitCode.Quarantine : ExitCode.Completed
            : errors.All(static code => code == FindingCodes.Server) ? ExitCode.TryAgain
            : errors.All(static code => code is FindingCodes.ApiKey or FindingCodes.Session or FindingCodes.Grants) ? ExitCode.Auth
            : ExitCode.Failed;
    }
}
