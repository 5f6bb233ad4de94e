using System.Text;

namespace Agent.Sync.Cli.Scaffolding;

/// <summary>Names in C# for tables and columns, each once.</summary>
internal sealed class EntityNames
{
    // What a record has already, or the generator adds.
    private static readonly string[] Members =
        ["Clone", "Deconstruct", "DefineSyncDataset", "EqualityContract", "Equals", "Finalize", "GetHashCode", "GetType", "MemberwiseClone", "PrintMembers", "ReferenceEquals", "SyncDataset", "ToString"];

    private readonly HashSet<string> _taken;

    private EntityNames(IEnumerable<string> taken) => _taken = new HashSet<string>(taken, StringComparer.Ordinal);

    public static EntityNames OfClasses() => new([]);

    /// <summary>A property cannot have the name of its class.</summary>
    public static EntityNames OfProperties(string className) => new([.. Members, className]);

    /// <summary>The class of a table: "order_items" is OrderItem.</summary>
    public string Class(string table) => Take(Singular(Pascal(table)));

    public string Property(string column) => Take(Pascal(column));

    /// <summary>Whether the generator makes this column's name of the property by itself.</summary>
    public static bool IsByConvention(string property, string column) =>
        column.Split('_').All(static word => word.Length > 1 && word.All(char.IsAsciiLetterLower)) && Pascal(column) == property;

    private string Take(string name)
    {
        var free = name;
        for (var number = 2; !_taken.Add(free); number++)
        {
            free = name + number;
        }

        return free;
    }

    private static string Pascal(string name)
    {
        StringBuilder pascal = new();
        foreach (var word in name.Split(['_', '$'], StringSplitOptions.RemoveEmptyEntries))
        {
            pascal.Append(char.ToUpperInvariant(word[0])).Append(word.AsSpan(1));
        }

        return pascal.Length == 0 || char.IsAsciiDigit(pascal[0]) ? "N" + pascal : pascal.ToString();
    }

    private static string Singular(string name)
    {
        string[] kept = ["ss", "us", "is"];
        string[] shortened = ["sses", "uses", "xes", "ches", "shes"];
        return name.EndsWith("ies", StringComparison.Ordinal) && name.Length > 4 ? name[..^3] + "y"
            : shortened.Any(end => name.EndsWith(end, StringComparison.Ordinal)) ? name[..^2]
            : name.EndsWith('s') && name.Length > 2 && !kept.Any(end => name.EndsWith(end, StringComparison.Ordinal)) ? name[..^1]
            : name;
    }
}
