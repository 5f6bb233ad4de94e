namespace Agent.Sync.Tests.Architecture;

/// <summary>
/// Which folder of Agent.Sync may know which, sub-folders included: DependencyInjection, Engine, Doctor, {Pull, Push}, Runs, {Stores, Checkpoints, Kit, Postgrest},
/// the root vocabulary. A folder that is not listed knows only the root vocabulary, and only Engine and DependencyInjection
/// know it. Within Push: the walk, {Kit, Settling}, Sending, Batches, Rows; <see cref="FolderCircles"/> watches these.
/// </summary>
internal static class FolderRules
{
    public const string RootNamespace = "Agent.Sync";
    public const string Root = "(root)";

    // The options are words an app writes, so they count as vocabulary: everyone but the root itself may read them.
    private const string Configuration = "Configuration";
    private const string Everything = "*";

    private static readonly string[] Ground = ["Auth", "Checkpoints", "Diagnostics", "Files", "Kit", "Postgrest", "Progress", "Resilience", "Runs", "Seams", "Stores"];

    public static IReadOnlyDictionary<string, string[]> Allowed { get; } = new Dictionary<string, string[]>
    {
        [Root] = [],
        [Configuration] = [Root],
        ["Diagnostics"] = [Root, Configuration],
        ["Resilience"] = [Root, Configuration],
        ["Progress"] = [Root, Configuration],
        // A page is applied together with the checkpoint it reaches.
        ["Stores"] = [Root, Configuration],
        // An entity is a dataset, and reads its pages.
        ["Entities"] = [Root, Configuration],
        ["Files"] = [Root, Configuration],
        ["Checkpoints"] = [Root, Configuration, "Files", "Stores"],
        // The process identity seam answers with a lease owner.
        ["Seams"] = [Root, Configuration, "Stores"],
        ["Auth"] = [Root, Configuration, "Diagnostics", "Files", "Resilience", "Seams"],
        ["Postgrest"] = [Root, Configuration, "Auth", "Diagnostics", "Progress", "Resilience", "Seams"],
        // The SQL kit's own functions, called like any other.
        ["Kit"] = [Root, Configuration, "Diagnostics", "Postgrest", "Resilience", "Seams"],
        // What both directions work with. Rows and checkpoint go together, under the lease.
        ["Runs"] = [Root, Configuration, "Checkpoints", "Diagnostics", "Kit", "Progress", "Seams", "Stores"],
        ["Pull"] = [Root, Configuration, .. Ground],
        ["Push"] = [Root, Configuration, .. Ground],
        // It reads as a pull does, and compares as a push does.
        ["Doctor"] = [Root, Configuration, "Pull", "Push", .. Ground],
        // It reads pages as a pull does, and looks rows up by key as a push does.
        ["Verify"] = [Root, Configuration, "Pull", "Push", .. Ground],
        ["Engine"] = [Everything],
        ["DependencyInjection"] = [Everything],
    };

    public static bool IsOurs(string @namespace) =>
        @namespace == RootNamespace || @namespace.StartsWith(RootNamespace + ".", StringComparison.Ordinal);

    public static string FolderOf(string @namespace, string type)
    {
        var folder = TypeFolders.Of(RootNamespace, @namespace, type).Split('/')[0];
        return folder.Length == 0 ? Root : folder;
    }

    public static IReadOnlyList<string> Offenders(IEnumerable<TypeReference> references) =>
    [
        .. references
            .Where(reference => IsWritten(reference.FromNamespace, reference.FromType) && IsWritten(reference.ToNamespace, reference.ToType))
            .Where(reference => !MayKnow(FolderOf(reference.FromNamespace, reference.FromType), FolderOf(reference.ToNamespace, reference.ToType)))
            .Select(reference => $"{reference.FromNamespace}.{reference.FromType} knows {reference.ToNamespace}.{reference.ToType}")
            .Distinct()
            .Order(StringComparer.Ordinal),
    ];

    // What a generator adds lies in no folder.
    private static bool IsWritten(string @namespace, string type) => IsOurs(@namespace) && !type.StartsWith("__", StringComparison.Ordinal);

    public static bool MayKnow(string from, string to)
    {
        if (from == to)
        {
            return true;
        }

        string[] known = Allowed.TryGetValue(from, out string[]? listed) ? listed : [Root, Configuration];
        return known.Contains(to)
            || (known.Contains(Everything) && to != "DependencyInjection");
    }
}
