using System.CommandLine;
using Agent.Sync.Cli.Discovery;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;
using Spectre.Console;

namespace Agent.Sync.Cli.Commands;

/// <summary>Reads which project and which user, from the command line and the environment.</summary>
internal sealed class ProjectOptions(ParseResult parsed, Func<string, string?> environment)
{
    public const string PasswordVariable = "AGENT_SYNC_PASSWORD";

    /// <summary>Never an argument, because others on the machine can see those.</summary>
    public const string SecretKeyVariable = "AGENT_SYNC_SECRET_KEY";

    public const string AddressVariable = "AGENT_SYNC_DATABASE_URL";

    private ToolFile? _file;

    /// <summary>Gets what is synced, from the file that says so.</summary>
    public ToolFile File => _file ??= ToolFile.Read(FilePath);

    public string FilePath => Path.GetFullPath(Find(CommandOptions.Config, "AGENT_SYNC_CONFIG") ?? ToolFile.DefaultName);

    public string Database => Path.GetFullPath(Find(CommandOptions.Database, "AGENT_SYNC_DATABASE") ?? CommandOptions.DefaultDatabase);

    /// <summary>Gets the file for commands that only read it: a mistyped name must not make an empty one.</summary>
    public string ExistingDatabase => System.IO.File.Exists(Database)
        ? Database
        : throw new UsageException($"There is no file {Database}: name the one that was pulled into with --database.");

    /// <summary>Gets the address of the database to look at; null when nothing names one.</summary>
    public string? DatabaseAddress => Find(CommandOptions.From, AddressVariable);

    /// <summary>What the database says of itself, or with a secret key the project's API; null when neither is named.</summary>
    public async Task<Catalog?> ReadCatalogAsync(IReadOnlyCollection<string> schemas, CancellationToken cancellationToken)
    {
        if (DatabaseAddress is { } address)
        {
            return await Catalog.ReadAsync(address, schemas, cancellationToken);
        }

        return Variable(SecretKeyVariable, "SUPABASE_SECRET_KEY", "SUPABASE_SERVICE_ROLE_KEY") is { } key
            ? await OpenApiCatalog.ReadAsync(ParseUrl(Find(CommandOptions.Url, "AGENT_SYNC_URL", "SUPABASE_URL") ?? throw Missing(CommandOptions.Url, "AGENT_SYNC_URL", "SUPABASE_URL")), key, schemas, cancellationToken)
            : null;
    }

    public async Task<ProjectSettings> ReadAsync(bool mayAsk, CancellationToken cancellationToken)
    {
        var url = Require(CommandOptions.Url, File.Section["Url"], "AGENT_SYNC_URL", "SUPABASE_URL");
        var key = Require(CommandOptions.Key, File.Section["ApiKey"], "AGENT_SYNC_KEY", "SUPABASE_PUBLISHABLE_KEY", "SUPABASE_ANON_KEY");
        var email = Require(CommandOptions.Email, null, "AGENT_SYNC_EMAIL");
        var address = ParseUrl(url);
        var password = environment(PasswordVariable) is { Length: > 0 } given ? given : await AskAsync(email, mayAsk, cancellationToken);
        return new ProjectSettings(address, key, email, password, Database);
    }

    /// <summary>What the option says, or else the first variable that is set; null when nothing does.</summary>
    public string? Find(Option<string?> option, params ReadOnlySpan<string> variables)
    {
        if (parsed.GetValue(option) is { } given)
        {
            return given;
        }

        return Variable(variables);
    }

    private string? Variable(params ReadOnlySpan<string> variables)
    {
        foreach (var variable in variables)
        {
            if (environment(variable) is { } value && !string.IsNullOrWhiteSpace(value))
            {
                return value.Trim();
            }
        }

        return null;
    }

    private static async Task<string> AskAsync(string email, bool mayAsk, CancellationToken cancellationToken)
    {
        if (!mayAsk || Console.IsInputRedirected || Console.IsOutputRedirected)
        {
            throw new UsageException($"The password of {email} is missing: set {PasswordVariable}. It is never an argument, because others can see those.");
        }

        var prompt = new TextPrompt<string>($"Password of {Markup.Escape(email)}:") { IsSecret = true };
        return await AnsiConsole.Console.PromptAsync(prompt, cancellationToken);
    }

    private string Require(Option<string?> option, string? inFile, params ReadOnlySpan<string> variables) =>
        Find(option, variables) ?? (string.IsNullOrWhiteSpace(inFile) ? null : inFile) ?? throw Missing(option, variables);

    private static UsageException Missing(Option<string?> option, params ReadOnlySpan<string> variables) => new($"{option.Name} is missing: give it, or set {string.Join(" or ", variables)}.");

    private static Uri ParseUrl(string url) => Uri.TryCreate(url, UriKind.Absolute, out var address)
        ? address
        : throw new UsageException($"--url must be the project's absolute URL, such as https://abc.supabase.co, not '{url}'.");
}
