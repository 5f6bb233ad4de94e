namespace Agent.Sync;

/// <summary>Keeps remote tables and a local store in step. Safe for concurrent use; one run per dataset at a time.</summary>
public interface ISyncEngine
{
    /// <summary>Syncs the requested datasets.</summary>
    /// <param name="request">What to do.</param>
    /// <param name="progress">Told after every commit; what it throws is logged and ignored. Null for none.</param>
    /// <param name="cancellationToken">Stops the run; everything committed stays, and the next run goes on there.</param>
    /// <returns>What was done.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; never wrapped.</exception>
    /// <exception cref="SyncException">The run failed. What was committed stays; <see cref="SyncException.IsTransient"/> says whether to try again.</exception>
    /// <exception cref="ArgumentException">The request names an unknown dataset or a value out of range.</exception>
    Task<SyncResult> SyncAsync(SyncRequest request, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Reads a dataset's pages in cursor order without storing anything.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="after">Where to go on; null starts at the beginning.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>Non-empty pages up to the end of the table. Each owns its bytes: dispose it when done.</returns>
    /// <exception cref="SyncException">The request failed, or the cursor was refused.</exception>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    IAsyncEnumerable<Page> ReadPagesAsync(string dataset, Cursor? after = null, CancellationToken cancellationToken = default);

    /// <summary>Tells where every dataset stands, without asking the server.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The status.</returns>
    /// <exception cref="SyncException">A checkpoint could not be read.</exception>
    Task<SyncStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets a dataset's position. Rows stay; the next run reads everything again and removes what is gone.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="cancellationToken">Ends the call before anything was forgotten.</param>
    /// <returns>A task that ends when the position is forgotten.</returns>
    /// <exception cref="SyncStoreException">The dataset is being synced, or the store failed.</exception>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    Task ResetAsync(string dataset, CancellationToken cancellationToken = default);
}
