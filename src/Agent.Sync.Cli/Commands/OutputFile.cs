using System.CommandLine;
using System.Text;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Commands;

/// <summary>The option --output of the commands that write a text, to the terminal or to a file.</summary>
/// <param name="what">What is written, as part of the option's description.</param>
/// <param name="defaultName">The file when the option has no name.</param>
internal sealed class OutputFile(string what, Func<DateTimeOffset, string> defaultName)
{
    public Option<string?> Option { get; } = new("--output")
    {
        Description = $"The file to write; without a name {what} [default: the terminal]",
        HelpName = "file",
        Arity = ArgumentArity.ZeroOrOne,
    };

    /// <summary>The file that may be written; null when the text goes to the terminal.</summary>
    public string? Find(CommandContext context)
    {
        if (context.Parsed.GetResult(Option) is null)
        {
            return null;
        }

        var path = Path.GetFullPath(context.Parsed.GetValue(Option) ?? defaultName(context.Time.GetUtcNow()));
        return File.Exists(path) && !context.Parsed.GetValue(CommandOptions.Force)
            ? throw new UsageException($"{path} is there already: name another file with --output, or replace it with --force.")
            : path;
    }

    public static async Task WriteAsync(string path, string text, CancellationToken cancellationToken)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(path)!);
        await File.WriteAllTextAsync(path, text, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false), cancellationToken);
    }
}
