namespace ApiContract.Checking;

/// <summary>A query as it was sent, and what it says.</summary>
internal static class QueryText
{
    /// <summary>Whether every character is one that may stand in a query unescaped.</summary>
    public static bool IsEncoded(string query) => query.All(static character =>
        char.IsAsciiLetterOrDigit(character) || "-._~%!$&'()*+,;=:@/?".Contains(character, StringComparison.Ordinal));

    /// <summary>Returns names and values without their percent-encoding.</summary>
    public static ILookup<string, string> Parse(string query) => query
        .TrimStart('?')
        .Split('&', StringSplitOptions.RemoveEmptyEntries)
        .Select(static pair => pair.Split('=', 2))
        .ToLookup(
            static pair => Uri.UnescapeDataString(pair[0]),
            static pair => pair.Length == 2 ? Uri.UnescapeDataString(pair[1]) : string.Empty,
            StringComparer.Ordinal);
}
