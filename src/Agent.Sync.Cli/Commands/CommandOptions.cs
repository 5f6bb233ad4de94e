using System.CommandLine;
using System.Globalization;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Commands;

/// <summary>The options that several commands share.</summary>
internal static class CommandOptions
{
    public const string DefaultDatabase = "agent-sync.db";

    private const int MaxPageSize = 1_000;
    private const int MaxPushRows = 5_000;
    private const int MaxRows = 10_000_000;

    /// <summary>The demo edits some rows of each kind, so it needs a few.</summary>
    private const int MinRows = 10;

    public static Option<bool> Json { get; } = new("--json")
    {
        Description = "One JSON object per line instead of text",
        Recursive = true,
    };

    public static Option<bool> Debug { get; } = new("--debug")
    {
        Description = "Structured logs on stderr, memory in percent of the limit",
        Recursive = true,
    };

    public static Option<string?> Database { get; } = new("--database")
    {
        Description = $"The SQLite file [AGENT_SYNC_DATABASE; default {DefaultDatabase}]",
        HelpName = "file",
    };

    public static Option<string?> Config { get; } = new("--config")
    {
        Description = $"The file that says what is synced, which agent-sync init writes [AGENT_SYNC_CONFIG; default {ToolFile.DefaultName}]",
        HelpName = "file",
    };

    /// <summary>Gets the database that is looked at.</summary>
    public static Option<string?> From { get; } = new("--from")
    {
        Description = $"The database's address, postgresql://user@host:5432/database; with its password better from the environment [{ProjectOptions.AddressVariable}]",
        HelpName = "address",
    };

    public static Option<bool> Force { get; } = new("--force") { Description = "Replace a file that is there" };

    public static Option<string?> Url { get; } = new("--url")
    {
        Description = "The project's URL [AGENT_SYNC_URL, SUPABASE_URL]",
        HelpName = "url",
    };

    public static Option<string?> Key { get; } = new("--key")
    {
        Description = "The publishable or anon key [AGENT_SYNC_KEY, SUPABASE_PUBLISHABLE_KEY, SUPABASE_ANON_KEY]",
        HelpName = "key",
    };

    public static Option<string?> Email { get; } = new("--email")
    {
        Description = "Who signs in [AGENT_SYNC_EMAIL]; the password comes from AGENT_SYNC_PASSWORD or is asked for",
        HelpName = "address",
    };

    public static Option<int?> PageSize { get; } = Number(
        "--page-size", $"Rows per request, 1 to {MaxPageSize:N0} [AGENT_SYNC_PAGE_SIZE; default 100]", 1, MaxPageSize);

    public static Option<int?> PushRows { get; } = Number(
        "--push-rows", $"Local changes per request, 1 to {MaxPushRows:N0} [AGENT_SYNC_PUSH_ROWS; default 500]", 1, MaxPushRows);

    public static Option<ConflictPolicy?> Conflicts { get; } = new("--conflicts")
    {
        Description = "Whose row wins when both sides changed it: server or local [AGENT_SYNC_CONFLICTS; default server]",
        HelpName = "server|local",
        CompletionSources = { "server", "local" },
        CustomParser = static result =>
        {
            switch (result.Tokens[0].Value)
            {
                case "server":
                    return ConflictPolicy.ServerWins;
                case "local":
                    return ConflictPolicy.LocalWins;
                case var text:
                    result.AddError($"--conflicts is '{text}', but must be server or local.");
                    return null;
            }
        },
    };

    public static Option<bool> FullResync { get; } = new("--full-resync")
    {
        Description = "Read everything again and remove what is gone; the rows stay readable meanwhile",
    };

    public static Option<bool> AllowMassDelete { get; } = new("--allow-mass-delete")
    {
        Description = "Let deletes on the server, or a resync, remove more than half of the rows",
    };

    public static Option<bool> DryRun { get; } = new("--dry-run")
    {
        Description = "Tell what would be sent, brought and removed, and change nothing",
    };

    public static Option<int?> Rows { get; } = Number(
        "--rows", $"Artifacts for each user, {MinRows} to {MaxRows:N0} [default 10,000, or what is there]", MinRows, MaxRows);

    public static Option<int?> Changes { get; } = Number(
        "--changes", $"How many rows to change here and on the server, 1 to {MaxRows:N0} [default: a hundredth of the rows]", 1, MaxRows);

    /// <summary>An option for whether the SQL kit is used.</summary>
    public static Option<string?> Kit(string description) => new("--kit")
    {
        Description = description,
        HelpName = "on|off",
        CompletionSources = { "on", "off" },
        CustomParser = static result =>
        {
            var text = result.Tokens[0].Value;
            if (text is not ("on" or "off"))
            {
                result.AddError($"--kit is '{text}', but must be on or off.");
            }

            return text;
        },
    };

    /// <summary>What the command line says about how to sync.</summary>
    public static SyncSettings ReadSettings(ParseResult parsed) =>
        new(parsed.GetValue(PageSize), parsed.GetValue(PushRows), parsed.GetValue(Conflicts));

    private static Option<int?> Number(string name, string description, int minimum, int maximum) => new(name)
    {
        Description = description,
        HelpName = "number",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= minimum && value <= maximum)
            {
                return value;
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is '{text}', but must be a whole number from {minimum} to {maximum:N0}."));
            return null;
        },
    };
}
