using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Output;

/// <summary>What doctor found: in one line what is in order, and in full what is not.</summary>
internal static class DiagnosisText
{
    public static void Write(DiagnosisEvent diagnosis, Action<string, string> row, Action<string, string> headline)
    {
        foreach (var group in diagnosis.Findings.GroupBy(static finding => finding.Dataset).OrderBy(static group => group.Key is not null))
        {
            Finding[] bad = [.. group.Where(static finding => finding.Severity >= FindingSeverity.Warning).OrderByDescending(static finding => finding.Severity)];
            var inOrder = group.Count(static finding => finding.Severity == FindingSeverity.Ok);
            row(group.Key ?? "project", $"{Words.Counted(inOrder, "check")} in order{(bad.Length == 0 ? "" : $", {Words.Counted(bad.Length, "finding")}")}");
            foreach (var finding in bad)
            {
                Text(row, finding.Severity == FindingSeverity.Error ? "  error" : "  warning", finding.What);
                Text(row, "  why", finding.Why);
                Text(row, "  mend", finding.Mend);
            }
        }

        WriteUnknown(diagnosis, row);
        var errors = diagnosis.Findings.Count(static finding => finding.Severity == FindingSeverity.Error);
        var warnings = diagnosis.Findings.Count(static finding => finding.Severity == FindingSeverity.Warning);
        if (errors + warnings > 0)
        {
            headline($"{Words.Counted(errors, "error")}, {Words.Counted(warnings, "warning")}", errors > 0 ? "red" : "yellow");
        }
        else
        {
            headline(diagnosis.Findings.Any(static finding => finding is { Code: FindingCodes.Server, Severity: FindingSeverity.Unknown }) ? "Nothing is wrong with the file." : "Nothing is wrong.", "green");
        }
    }

    /// <summary>The same thing is unknown of several tables nearly always.</summary>
    private static void WriteUnknown(DiagnosisEvent diagnosis, Action<string, string> row)
    {
        Finding[] unknown = [.. diagnosis.Findings.Where(static finding => finding.Severity == FindingSeverity.Unknown)];
        foreach (var group in unknown.GroupBy(static finding => (finding.What, finding.Mend)))
        {
            var datasets = string.Join(", ", group.Select(static finding => finding.Dataset).OfType<string>());
            Text(row, "unknown", datasets.Length == 0 ? group.Key.What : $"{datasets}: {group.Key.What}");
            Text(row, "", group.Key.Mend);
        }

        if (!diagnosis.ReadsCatalog && unknown.Any(static finding => finding.Code is FindingCodes.Stamps or FindingCodes.Grants or FindingCodes.Key or FindingCodes.LocalRules or FindingCodes.Types))
        {
            Text(row, "to know", $"set {ProjectOptions.AddressVariable} to the database's address, and doctor reads the catalog too");
        }
    }

    private static void Text(Action<string, string> row, string label, string? text)
    {
        if (text is null)
        {
            return;
        }

        foreach (var line in Words.Lines(text))
        {
            row(label, line);
            label = "";
        }
    }
}
