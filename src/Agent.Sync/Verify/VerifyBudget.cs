using Agent.Sync.Postgrest;

namespace Agent.Sync.Verify;

/// <summary>What one call may cost. Every call comes at least one page further, or a small budget would never end.</summary>
internal sealed class VerifyBudget(VerifyOptions options, RequestTally tally, CancellationToken timeOver)
{
    private bool _hasAdvanced;

    /// <summary>Gets a value indicating whether nothing more may be asked for.</summary>
    public bool IsOver => _hasAdvanced && (timeOver.IsCancellationRequested || tally.Requests >= options.MaxRequests);

    public void RecordPage() => _hasAdvanced = true;
}
