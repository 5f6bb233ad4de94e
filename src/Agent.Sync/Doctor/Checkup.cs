namespace Agent.Sync.Doctor;

/// <summary>Looks at everything that a sync depends on. What it can report it reports, and does not throw.</summary>
internal static class Checkup
{
    public static async Task<Diagnosis> RunAsync(CheckupParts parts, CancellationToken cancellationToken)
    {
        var list = new FindingList();
        var server = new ServerCheckup(parts, list);
        await list.CheckAsync(FindingCodes.Server, null, () => server.RunAsync(cancellationToken), cancellationToken).ConfigureAwait(false);
        await new LocalCheckup(parts, list).RunAsync(server.Session, server.Kit, cancellationToken).ConfigureAwait(false);
        return new Diagnosis(list.Findings);
    }
}
