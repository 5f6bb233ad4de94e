namespace Agent.Sync.Local;

/// <summary>
/// A resync that looks for edits that were not recorded, since the store's means of recording had been removed. The pages are
/// compared with the local rows instead of replacing them.
/// </summary>
/// <param name="WasKnown">
/// Whether the server's row at a position of a page was certainly here once: then its absence is a local delete, else it is a new row.
/// </param>
/// <remarks>
/// A local row of the same version and other values is a local update. One of another version and other values goes into quarantine with code
/// <see cref="Unrecorded"/>, since nobody can tell who changed it. A local row without a version that the server does not have is
/// a local insert; one with a version was deleted on the server. Rows with a recorded change are left as they are.
/// </remarks>
public sealed record Reconciliation(Func<Page, int, bool> WasKnown)
{
    /// <summary>The quarantine's code for a row that differs from the server's newer one while edits were not recorded.</summary>
    public const string Unrecorded = "unrecorded";
}
