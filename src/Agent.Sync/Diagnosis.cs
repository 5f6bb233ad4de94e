namespace Agent.Sync;

/// <summary>What <see cref="ISyncEngine.DiagnoseAsync"/> found out about the project, the tables and the local store. Immutable data.</summary>
/// <param name="Findings">Every check's findings, in the order of the checks; also those that are in order.</param>
public sealed record Diagnosis(IReadOnlyList<Finding> Findings)
{
    /// <summary>Gets the worst severity of all findings.</summary>
    /// <value><see cref="FindingSeverity.Ok"/> when there are none.</value>
    public FindingSeverity Severity => Findings.Select(static finding => finding.Severity).DefaultIfEmpty(FindingSeverity.Ok).Max();

    /// <summary>Returns one line for people, such as <c>1 error, 2 warnings, 3 unknown, 20 ok</c>.</summary>
    /// <returns>A text without values of rows.</returns>
    public override string ToString() =>
        $"{Count(FindingSeverity.Error, "error")}, {Count(FindingSeverity.Warning, "warning")}, {Count(FindingSeverity.Unknown)} unknown, {Count(FindingSeverity.Ok)} ok";

    private int Count(FindingSeverity severity) => Findings.Count(finding => finding.Severity == severity);

    private string Count(FindingSeverity severity, string word) => Count(severity) is var count && count == 1 ? $"1 {word}" : $"{count} {word}s";
}
