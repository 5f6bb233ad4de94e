using System.CommandLine;
using System.Text.RegularExpressions;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Scaffolding;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>Writes the datasets of agent-sync.json, or those that init would propose, as C# classes.</summary>
internal static partial class ScaffoldCommand
{
    private static readonly OutputFile Output = new("Entities.cs", static _ => "Entities.cs");

    private static readonly Option<string?> Namespace = new("--namespace")
    {
        Description = "The namespace of the classes [default: none]",
        HelpName = "name",
        Validators =
        {
            static result =>
            {
                if (result.Tokens is not [var token] || !NamespaceName().IsMatch(token.Value))
                {
                    result.AddError("--namespace must be a name of C#, such as MyApp.Data.");
                }
            },
        },
    };

    public static Command Create()
    {
        Command command = new("scaffold", "Write the tables as C# entities: those of agent-sync.json, or without that file those that init would take")
        {
            CommandOptions.From,
            CommandOptions.Url,
            TableChoice.Schema,
            TableChoice.Tables,
            CommandOptions.Config,
            Namespace,
            Output.Option,
            CommandOptions.Force,
        };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static async Task<int> RunAsync(CommandContext context)
    {
        var parsed = context.Parsed;
        ProjectOptions options = new(parsed, Environment.GetEnvironmentVariable);
        var path = Output.Find(context);
        var schema = parsed.GetValue(TableChoice.Schema)!;
        var configured = File.Exists(options.FilePath) ? options.File.Datasets : null;
        string[] schemas = configured is null ? [schema] : [.. configured.Select(static dataset => dataset.Schema).Distinct(StringComparer.Ordinal)];
        var catalog = await context.Output.WaitAsync("Reading the catalog", () => options.ReadCatalogAsync(schemas, context.Cancelled));
        if (configured is null && catalog is null)
        {
            throw new UsageException($"There is no file {options.FilePath} and no database: make the file with agent-sync init, or set {ProjectOptions.AddressVariable} or {ProjectOptions.SecretKeyVariable}.");
        }

        var named = parsed.GetValue(TableChoice.Tables);
        var datasets = configured is null
            ? ToolFile.Parse(ToolFileText.Write(ParentsFirst.Order(TableChoice.Of([.. catalog!.Tables.Select(TableProposal.Of)], schema, named)), url: null))
            : Choose(configured, named);
        var entities = EntityText.Name(datasets);
        var code = EntityText.Write(entities, catalog, parsed.GetValue(Namespace));
        if (path is not null)
        {
            await OutputFile.WriteAsync(path, code, context.Cancelled);
        }

        context.Output.Write(new ScaffoldEvent(path, path is null ? code : null, [.. entities.Select(static entity => new ScaffoldedClass(entity.Dataset.Name, entity.ClassName))]));
        return ExitCode.Completed;
    }

    private static IReadOnlyList<Dataset> Choose(IReadOnlyList<Dataset> configured, string[]? named)
    {
        if (named is not { Length: > 0 })
        {
            return configured;
        }

        return named.FirstOrDefault(name => !configured.Any(dataset => dataset.RemoteTable == name)) is { } wrong
            ? throw new UsageException($"The file has no table {wrong}.")
            : [.. configured.Where(dataset => named.Contains(dataset.RemoteTable, StringComparer.Ordinal))];
    }

    [GeneratedRegex(@"\A[A-Za-z_]\w*(\.[A-Za-z_]\w*)*\z")]
    private static partial Regex NamespaceName();
}
