using System.Text.RegularExpressions;
using Agent.Sync.Tests.Architecture;

namespace Agent.Sync.Tests.Docs;

public sealed partial class PagesThatNameTestsTests
{
    [Theory]
    [InlineData("threat-model.md")]
    [InlineData("reliability.md")]
    public void Page_EveryTestItNames_Exists(string name)
    {
        var page = File.ReadAllText(Path.Combine(SourceTree.Root, "docs", name));
        var sources = SourceTree.CodeFiles("tests").ToLookup(static file => Path.GetFileNameWithoutExtension(file), File.ReadAllText, StringComparer.Ordinal);
        var named = NamedTest().Matches(page).Select(static match => (Type: match.Groups["type"].Value, Method: match.Groups["method"].Value)).Distinct().ToList();

        Assert.True(named.Count > 20, $"{named.Count}");
        var missing = named.Where(test => !sources[test.Type].Any(text => text.Contains($"class {test.Type}", StringComparison.Ordinal)
            && (test.Method.Length == 0 || text.Contains($" {test.Method}(", StringComparison.Ordinal)))).ToList();
        Assert.True(missing.Count == 0, string.Join(", ", missing));
    }

    [GeneratedRegex("`(?<type>[A-Z][A-Za-z]+Tests)(\\.(?<method>[A-Za-z_]+))?`")]
    private static partial Regex NamedTest();
}
