namespace Agent.Sync.Doctor;

/// <summary>Gathers the findings of one diagnosis.</summary>
internal sealed class FindingList
{
    private readonly List<Finding> _findings = [];

    public IReadOnlyList<Finding> Findings => _findings;

    public void Add(Finding finding) => _findings.Add(finding);

    public void AddRange(IEnumerable<Finding> findings) => _findings.AddRange(findings);

    public void Ok(string code, Dataset? dataset, string what) =>
        Add(new Finding { Code = code, Severity = FindingSeverity.Ok, Dataset = dataset?.Name, What = what });

    public void Unknown(string code, Dataset? dataset, string what, string? mend = null) =>
        Add(new Finding { Code = code, Severity = FindingSeverity.Unknown, Dataset = dataset?.Name, What = what, Mend = mend });

    public void Warning(string code, Dataset? dataset, string what, string why, string? mend) =>
        Add(new Finding { Code = code, Severity = FindingSeverity.Warning, Dataset = dataset?.Name, What = what, Why = why, Mend = mend });

    public void Error(string code, Dataset? dataset, string what, string why, string? mend) =>
        Add(new Finding { Code = code, Severity = FindingSeverity.Error, Dataset = dataset?.Name, What = what, Why = why, Mend = mend });

    /// <summary>Does one check. What it throws, but for cancellation, becomes a finding.</summary>
    public async Task CheckAsync(string code, Dataset? dataset, Func<Task> check, CancellationToken cancellationToken)
    {
        try
        {
            await check().ConfigureAwait(false);
        }
        catch (SyncException failure)
        {
            Error(code, dataset, failure.Message, "A sync fails in the same way.", mend: null);
        }
#pragma warning disable CA1031 // A store of the app's own may throw anything, and the other checks are to be made all the same. The exception may quote a value: it is named, not kept.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            cancellationToken.ThrowIfCancellationRequested();
            Unknown(code, dataset, $"The check failed with {exception.GetType().Name}.");
        }
    }
}
