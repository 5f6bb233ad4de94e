namespace Agent.Sync;

/// <summary>How a dataset is compared with the server. Immutable.</summary>
public sealed record VerifyOptions
{
    /// <summary>Gets a value indicating whether what differs is repaired: rows are brought, replaced and removed locally, as a sync would have done. The default, false, changes nothing.</summary>
    /// <remarks>A first look shows what is wrong before anything is touched. Local edits that wait, are in flight or are in quarantine keep their values either way.</remarks>
    public bool Repair { get; init; }

    /// <summary>Gets a value indicating whether the values of all columns are compared, and not the key and the version alone. The default is false.</summary>
    /// <remarks>It finds a row whose content was changed while its version stayed. Without the SQL kit every row is then read whole.</remarks>
    public bool CompareValues { get; init; }

    /// <summary>Gets how many requests may be sent before the call ends: 1 or more. Null, the default, means no limit. A page that is under way is finished, so a few more may be sent, and every call reads at least one page.</summary>
    public int? MaxRequests { get; init; }

    /// <summary>Gets how long the call may take before it ends after the page under way: positive, at most 24 days. Null, the default, means no limit.</summary>
    public TimeSpan? MaxDuration { get; init; }

    /// <summary>Gets a value indicating whether a repair may remove more local rows than <see cref="SyncOptions.MaxDeleteShare"/> allows, or all of them when the server shows none. The default is false.</summary>
    public bool AllowMassDelete { get; init; }

    /// <summary>Gets how long to wait while another process or engine holds the dataset's lease. With zero, the default, the call fails at once and names the holder.</summary>
    public TimeSpan LeaseWait { get; init; }

    /// <summary>Gets a value indicating whether to begin anew where an earlier call ended early. The default, false, goes on where that call was, if it was asked for the same.</summary>
    public bool StartOver { get; init; }
}
