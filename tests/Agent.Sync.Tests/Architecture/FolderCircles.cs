namespace Agent.Sync.Tests.Architecture;

/// <summary>Finds folders of one assembly that know each other, directly or by way of others. A folder and its sub-folders are different folders.</summary>
internal static class FolderCircles
{
    /// <summary>Returns each circle with the references that make it; empty when dependencies point one way.</summary>
    public static IReadOnlyList<string> Find(string assembly, IEnumerable<TypeReference> references, Func<string, string, string?> folderOf)
    {
        var arrows = references
            .Where(reference => reference.ToAssembly == assembly)
            .Select(reference => (
                From: folderOf(reference.FromNamespace, reference.FromType),
                To: folderOf(reference.ToNamespace, reference.ToType),
                Types: $"{reference.FromType} knows {reference.ToType}"))
            .Where(arrow => arrow.From is not null && arrow.To is not null && arrow.From != arrow.To)
            .GroupBy(arrow => (From: arrow.From!, To: arrow.To!), arrow => arrow.Types)
            .ToDictionary(group => group.Key, group => group.Distinct().Order(StringComparer.Ordinal).ToArray());

        return
        [
            .. from arrow in arrows
               where Reaches(arrow.Key.To, arrow.Key.From, arrows.Keys)
               orderby arrow.Key.From, arrow.Key.To
               select $"{NameOf(arrow.Key.From)} -> {NameOf(arrow.Key.To)}: {string.Join(", ", arrow.Value.Take(3))}",
        ];
    }

    private static string NameOf(string folder) => folder.Length == 0 ? FolderRules.Root : folder;

    private static bool Reaches(string from, string to, IReadOnlyCollection<(string From, string To)> arrows)
    {
        HashSet<string> seen = [from];
        Queue<string> open = new([from]);
        while (open.TryDequeue(out string? folder) && folder != to)
        {
            foreach (var (_, next) in arrows.Where(arrow => arrow.From == folder && seen.Add(arrow.To)))
            {
                open.Enqueue(next);
            }
        }

        return seen.Contains(to);
    }
}
