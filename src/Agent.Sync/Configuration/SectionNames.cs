using Microsoft.Extensions.Configuration;

namespace Agent.Sync.Configuration;

/// <summary>The names that a bound section may have. The binder passes over others, and a mistyped option would silently keep its default.</summary>
internal static class SectionNames
{
    /// <summary>Gets the names at the top, and below each that is an object.</summary>
    public static IReadOnlyDictionary<string, string[]> Known { get; } = new Dictionary<string, string[]>(StringComparer.OrdinalIgnoreCase)
    {
        [""] =
        [
            "Url", "ApiKey", "StateFile", "Datasets", "PageSize", "MaxPullRequests", "Commit", "OverlapLag", "StallTimeout", "TotalCount", "SqlKit", "Push", "Retry", "Breaker", "RateLimit", "MemoryLimit", "MaxPageBytes", "MaxJsonDepth",
            "MaxDeleteShare", "AllowRlsBypass", "AllowInsecureLoopback",
        ],
        ["Commit"] = ["Rows", "Bytes", "Interval"],
        ["Push"] = ["BatchRows", "BatchBytes", "MaxRequests", "ConflictPolicy", "MaxQuarantined", "MaxQuarantinedShare", "MaxUnrecorded", "MaxUnrecordedShare"],
        ["Retry"] = ["MaxRetries", "Delay", "UseJitter", "MaxRetryAfter", "AttemptTimeout", "RequestTimeout"],
        ["Breaker"] = ["FailureShare", "MinimumAttempts", "Window", "BreakDuration"],
        ["RateLimit"] = ["RequestsPerSecond", "Burst"],
    };

    /// <summary>Gets options that only code can set.</summary>
    public static IReadOnlyList<string> OnlyCode { get; } = ["AccessTokenProvider", "SignedInUser", "SealingKeys", "Push:ConflictResolver"];

    public static void Check(IConfigurationSection section, List<string> faults) => Check(section, "", faults);

    private static void Check(IConfigurationSection section, string path, List<string> faults)
    {
        var known = Known[path];
        foreach (var child in section.GetChildren())
        {
            var childPath = path.Length == 0 ? child.Key : $"{path}:{child.Key}";
            if (!known.Contains(child.Key, StringComparer.OrdinalIgnoreCase))
            {
                faults.Add(OnlyCode.Contains(childPath, StringComparer.OrdinalIgnoreCase)
                    ? $"{child.Path} cannot stand in configuration: set it in code."
                    : $"{child.Path} is not known{Hint(child.Key, known)}");
            }
            else if (path.Length == 0 && Known.ContainsKey(child.Key))
            {
                if (child.Value is { Length: > 0 })
                {
                    faults.Add($"{child.Path} must be an object with some of {string.Join(", ", Known[child.Key])}.");
                }

                Check(child, child.Key, faults);
            }
            else if (!string.Equals(childPath, "Datasets", StringComparison.OrdinalIgnoreCase) && child.GetChildren().Any())
            {
                faults.Add($"{child.Path} must be a single value.");
            }
        }
    }

    private static string Hint(string name, string[] known)
    {
        var nearest = known.MinBy(candidate => Distance(name, candidate))!;
        return Distance(name, nearest) <= Math.Max(1, nearest.Length / 3)
            ? $": did you mean {nearest}?"
            : $": there are {string.Join(", ", known)}.";
    }

    /// <summary>How many letters are to be added, removed or changed.</summary>
    private static int Distance(string from, string to)
    {
        var row = Enumerable.Range(0, to.Length + 1).ToArray();
        for (var i = 1; i <= from.Length; i++)
        {
            var diagonal = row[0];
            row[0] = i;
            for (var j = 1; j <= to.Length; j++)
            {
                var cost = char.ToUpperInvariant(from[i - 1]) == char.ToUpperInvariant(to[j - 1]) ? 0 : 1;
                (diagonal, row[j]) = (row[j], Math.Min(Math.Min(row[j], row[j - 1]) + 1, diagonal + cost));
            }
        }

        return row[^1];
    }
}
