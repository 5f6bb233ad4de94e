using System.CommandLine;
using System.Globalization;

namespace QuickStart.Commands;

/// <summary>The options that several commands share.</summary>
internal static class CommandOptions
{
    public const string DefaultDatabase = "agent-sync.db";

    private const int MaxPageSize = 1_000;
    private const int MaxRows = 10_000_000;

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
        "--page-size", $"Rows per request, 1 to {MaxPageSize:N0} [AGENT_SYNC_PAGE_SIZE; default 100]", MaxPageSize);

    public static Option<int?> Rows { get; } = Number(
        "--rows", "Artifacts for each user, 1 to 10,000,000 [default 10,000, or what is there]", MaxRows);

    private static Option<int?> Number(string name, string description, int maximum) => new(name)
    {
        Description = description,
        HelpName = "number",
        CustomParser = result =>
        {
            var text = result.Tokens[0].Value;
            if (int.TryParse(text, NumberStyles.None, CultureInfo.InvariantCulture, out var value) && value >= 1 && value <= maximum)
            {
                return value;
            }

            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{name} is '{text}', but must be a whole number from 1 to {maximum:N0}."));
            return null;
        },
    };
}
