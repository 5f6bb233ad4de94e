using System.CommandLine;
using System.Text.RegularExpressions;
using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Tests.Docs;

/// <summary>docs/console.md says what the console does: its commands, options, variables, exit codes and events.</summary>
public sealed partial class ConsolePageTests
{
    private static readonly string[] Lines = File.ReadAllLines(Path.Combine(Root(), "docs", "console.md"));

    private static readonly RootCommand Console = CommandTree.Create();

    [Fact]
    public void Commands_OfTheConsole_HaveARow()
    {
        var missing = Console.Subcommands.Where(static command => !Lines.Any(line => Regex.IsMatch(line, $@"^\| `{command.Name}\b"))).Select(static command => command.Name);

        Assert.Empty(missing);
    }

    [Fact]
    public void Options_OfEveryCommand_HaveARowThatNamesTheCommandAndTheVariables()
    {
        var offenders =
            from command in Console.Subcommands
            from option in command.Options
            let rows = Lines.Where(line => Regex.IsMatch(line, $@"^\| `{option.Name}\b")).Select(static line => line.Split('|'))
            where !rows.Any(row => (row[2].Contains(command.Name, StringComparison.Ordinal) || row[2].Contains("all", StringComparison.Ordinal))
                && Variable().Matches(option.Description!).All(static variable => Lines.Any(line => line.StartsWith("| ", StringComparison.Ordinal) && Named(line).Contains(variable.Value))))
            select $"{command.Name} {option.Name}";

        Assert.Empty(offenders);
    }

    [Fact]
    public void ExitCodes_OfTheConsole_HaveARow()
    {
        var codes = typeof(ExitCode).GetFields().Select(static field => (int)field.GetRawConstantValue()!);

        var missing = codes.Where(static code => !Lines.Any(line => line.StartsWith($"| {code} |", StringComparison.Ordinal)));

        Assert.Empty(missing);
    }

    [Fact]
    public void Events_OfTheConsole_HaveARowThatNamesTheirMembers()
    {
        var offenders =
            from type in typeof(ConsoleEvent).Assembly.GetTypes()
            where type is { IsAbstract: false } && type.IsSubclassOf(typeof(ConsoleEvent))
            let members = EventJsonContext.Default.GetTypeInfo(type)!.Properties.Select(static member => member.Name).Where(static name => name != "event").ToArray()
            where !Lines.Any(line => Named(line.Split('|').ElementAtOrDefault(1)).Contains(EventName(type)) && !members.Except(Named(line)).Any())
            select $"{EventName(type)}: {string.Join(", ", members)}";

        Assert.Empty(offenders);
    }

    private static string EventName(Type type) => char.ToLowerInvariant(type.Name[0]) + type.Name[1..^"Event".Length];

    private static HashSet<string> Named(string? text) => [.. Word().Matches(text ?? "").Select(static match => match.Groups[1].Value)];

    private static string Root()
    {
        DirectoryInfo? folder = new(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Agent.Sync.sln")))
        {
            folder = folder.Parent;
        }

        return folder?.FullName ?? throw new InvalidOperationException("The tests run from inside the repository.");
    }

    [GeneratedRegex("(AGENT_SYNC|SUPABASE)_[A-Z_]*[A-Z]")]
    private static partial Regex Variable();

    [GeneratedRegex(@"`(\w+)`")]
    private static partial Regex Word();
}
