using System.Text.RegularExpressions;

namespace Agent.Sync.Tests.Architecture;

/// <summary>What the text of a source file declares.</summary>
internal static partial class SourceText
{
    public static string Namespace(string text) => NamespaceLine().Match(text).Groups[1].Value;

    [GeneratedRegex(@"^(?<modifiers>(?:(?:public|internal|file|static|sealed|abstract|partial|readonly|ref|unsafe) )*)(?<kind>class|interface|enum|struct|record(?: class| struct)?|delegate [\w<>?,. ]+?) (?<name>[A-Z]\w*)", RegexOptions.Multiline)]
    public static partial Regex TopLevelType();

    [GeneratedRegex(@"^namespace ([\w.]+)\s*[;{]?", RegexOptions.Multiline)]
    private static partial Regex NamespaceLine();
}
