using System.Reflection;

namespace Agent.Sync.Tests.Docs;

public sealed class DoctorPageTests
{
    private static readonly MarkdownPage Page = MarkdownPage.Of("docs/doctor.md");

    [Fact]
    public void Checks_EveryCode_HasARow() => AssertRows(typeof(FindingCodes).GetFields(BindingFlags.Public | BindingFlags.Static).Select(static field => (string)field.GetRawConstantValue()!));

    [Fact]
    public void RowStates_EveryOne_HasARow() => AssertRows(Enum.GetNames<RowState>());

    [Fact]
    public void Severities_EveryOne_HasARow() => AssertRows(Enum.GetNames<FindingSeverity>());

    private static void AssertRows(IEnumerable<string> names)
    {
        var cells = Page.Text.Split('\n').Where(static line => line.StartsWith("| `", StringComparison.Ordinal)).SelectMany(static line => line.Split('|')[1].Split(','))
            .Select(static cell => cell.Trim().Trim('`')).ToArray();
        Assert.All(names, name => Assert.Contains(name, cells));
    }
}
