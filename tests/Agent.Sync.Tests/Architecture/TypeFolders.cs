using System.Text.RegularExpressions;

namespace Agent.Sync.Tests.Architecture;

/// <summary>Which folder the file of a type lies in. A public type's namespace does not tell: what an app writes is in one namespace.</summary>
internal static class TypeFolders
{
    private static readonly Dictionary<string, string> Folders = Read();

    /// <summary>Returns the folder below the project, with slashes; empty for the project's own folder, and the namespace's where no source has the type.</summary>
    public static string Of(string assembly, string @namespace, string type) =>
        Find(assembly, @namespace, type)
        ?? (@namespace.Length > assembly.Length ? @namespace[(assembly.Length + 1)..].Replace('.', '/') : "");

    /// <summary>Returns the folder below the project, with slashes; empty for the project's own folder, and null where no source has the type.</summary>
    public static string? Find(string assembly, string @namespace, string type) =>
        Folders.GetValueOrDefault($"{assembly}:{@namespace}.{type.Split('`')[0]}");

    private static Dictionary<string, string> Read()
    {
        Dictionary<string, string> folders = new(StringComparer.Ordinal);
        foreach (var file in SourceTree.CodeFiles("src"))
        {
            var text = File.ReadAllText(file);
            var path = SourceTree.Relative(file).Split('/');
            foreach (Match match in SourceText.TopLevelType().Matches(text))
            {
                folders[$"{path[1]}:{SourceText.Namespace(text)}.{match.Groups["name"].Value}"] = string.Join('/', path[2..^1]);
            }
        }

        return folders;
    }
}
