namespace Agent.Sync.Configuration;

/// <summary>What a key must look like to be sent in a header.</summary>
internal static class ApiKeyRule
{
    /// <summary>Returns what is wrong with the key, as a sentence that names the option and never the key, or null.</summary>
    public static string? Check(string? apiKey)
    {
        if (string.IsNullOrWhiteSpace(apiKey))
        {
            return "ApiKey must be the project's publishable (or legacy anon) key.";
        }

        return apiKey.AsSpan().ContainsAnyExceptInRange('!', '~')
            ? "ApiKey must hold printable ASCII characters only: it was copied with a space, a line break or quotes around it."
            : null;
    }

    /// <exception cref="ArgumentException">The key breaks the rule.</exception>
    public static string Require(string? apiKey)
    {
        if (Check(apiKey) is { } fault)
        {
            throw new ArgumentException(fault, nameof(apiKey));
        }

        return apiKey!;
    }
}
