using System.Buffers;

namespace Agent.Sync.Configuration;

/// <summary>What a key must look like to be sent in a header.</summary>
internal static class ApiKeyRule
{
    // What RFC 7235 lets a token be made of.
    private static readonly SearchValues<char> Allowed =
        SearchValues.Create("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~+/=");

    /// <summary>Returns what is wrong with the key, as a sentence that names the option and never the key, or null.</summary>
    public static string? Check(string? apiKey)
    {
        // What a template or a serializer writes for nothing.
        if (string.IsNullOrWhiteSpace(apiKey) || apiKey is "null" or "undefined")
        {
            return "ApiKey must be the project's publishable (or legacy anon) key.";
        }

        return apiKey.AsSpan().ContainsAnyExcept(Allowed)
            ? "ApiKey must hold letters, digits and the signs - _ . ~ + / = only: it was copied with a space, a line break or quotes around it."
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
