using System.Diagnostics.CodeAnalysis;

namespace Agent.Sync;

/// <summary>The allow-list for names that reach a URL or a statement.</summary>
internal static class Identifier
{
    /// <summary>PostgreSQL's own limit, NAMEDATALEN - 1.</summary>
    private const int MaxLength = 63;

    public static void Require(string name, string parameter)
    {
        ArgumentNullException.ThrowIfNull(name, parameter);
        if (!IsValid(name))
        {
            throw new ArgumentException(
                "A name must be 1 to 63 ASCII letters, digits, '_' or '$', and must not start with a digit.", parameter);
        }
    }

    public static bool IsValid([NotNullWhen(true)] string? name) =>
        name is not null
        && name.Length is > 0 and <= MaxLength
        && !char.IsAsciiDigit(name[0])
        && name.All(static c => char.IsAsciiLetterOrDigit(c) || c is '_' or '$');
}
