namespace Agent.Sync.Cli.Diagnosing;

/// <summary>Puts what the client saw and what the catalog says together: one answer per check.</summary>
internal static class FindingMerge
{
    public static IReadOnlyList<Finding> Of(IReadOnlyList<Finding> seen, IReadOnlyList<Finding> read)
    {
        var bySeen = seen.ToLookup(KeyOf);
        var byRead = read.ToLookup(KeyOf);
        return
        [
            .. seen.Where(finding => finding.Severity >= FindingSeverity.Warning || Worst(byRead[KeyOf(finding)]) is not { } worst || (finding.Severity == FindingSeverity.Ok && worst <= FindingSeverity.Unknown)),
            .. read.Where(finding => Worst(bySeen[KeyOf(finding)]) is not { } worst || worst == FindingSeverity.Unknown || (worst == FindingSeverity.Ok && finding.Severity >= FindingSeverity.Warning)),
        ];
    }

    private static FindingSeverity? Worst(IEnumerable<Finding> findings) => findings.Select(static finding => (FindingSeverity?)finding.Severity).Max();

    private static (string Code, string? Dataset) KeyOf(Finding finding) => (finding.Code, finding.Dataset);
}
