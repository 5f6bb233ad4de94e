namespace Agent.Sync.Stores;

/// <summary>
/// A resync that looks for unrecorded edits, because the store's means of recording had been removed. The pages are compared with
/// the local rows instead of replacing them.
/// </summary>
/// <param name="WasKnown">
/// Returns whether the server's row at a position of a page was certainly stored locally once. If so, its absence is a local delete; otherwise it is a new row.
/// </param>
/// <remarks>
/// <para>
/// A local row of the same version and other values is a local update. One of another version and other values goes into quarantine with code
/// <see cref="ChangeCodes.Unrecorded"/>, because nobody can tell who changed it. A local row without a version that the server does not have is
/// a local insert; one with a version was deleted on the server (see <see cref="KeepsDeleted"/>), or had another key there: where a row that the server has
/// is missing and may be that one, it is kept in quarantine. Rows with a recorded change are left as they are, unless it was recorded since and its base differs from a
/// server's row of the same version: then what differs is an edit too.
/// </para>
/// <para>A column that the store did not know before, or that was missing, is not compared: the server's values are taken.</para>
/// <para>
/// Updates and deletes that are found are in quarantine with code <see cref="ChangeCodes.Unrecorded"/> until the swap. The swap lets them be sent, unless there are more than
/// a person can have made (<see cref="IsTooMuch"/>): then they stay in quarantine, and <see cref="SwapResult.Held"/> counts them.
/// </para>
/// </remarks>
public sealed record Reconciliation(Func<Page, int, bool> WasKnown)
{
    /// <summary>A share of a handful says nothing.</summary>
    private const int EditsBeforeShare = 20;

    /// <summary>Gets the most edits that are sent without a decision of the user. The default is no limit.</summary>
    public long MaxEdits { get; init; } = long.MaxValue;

    /// <summary>Gets the largest share of the local rows, 0 to 1, whose edits are sent without a decision of the user; it counts from the 20th edit on. The default, 1, is no limit.</summary>
    public double MaxShare { get; init; } = 1;

    /// <summary>
    /// Gets a value indicating whether a row that the server deleted is kept, in quarantine with code <see cref="ChangeCodes.Unrecorded"/>: it may have been edited, and the
    /// conflict policy lets such an edit win. The default, false, removes it.
    /// </summary>
    public bool KeepsDeleted { get; init; }

    /// <summary>Returns whether there are too many edits to send them without a decision of the user.</summary>
    /// <param name="edits">The updates and deletes that were found.</param>
    /// <param name="localRows">The rows in the local table.</param>
    /// <returns>True when they stay in quarantine.</returns>
    public bool IsTooMuch(long edits, long localRows) =>
        edits > MaxEdits || (edits >= EditsBeforeShare && MaxShare < 1 && edits > MaxShare * localRows);
}
