namespace Agent.Sync;

/// <summary>Keeps remote tables and a local store in step. Safe for concurrent use; one run per dataset at a time.</summary>
public interface ISyncEngine
{
    /// <summary>Syncs the requested datasets.</summary>
    /// <param name="request">Which datasets, in which direction, and how.</param>
    /// <param name="progress">Called after every commit. Its exceptions are logged and ignored. Null for none.</param>
    /// <param name="cancellationToken">Stops the run. Everything committed stays, and the next run resumes there.</param>
    /// <returns>What the run did.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; never wrapped.</exception>
    /// <exception cref="SyncException">The run failed. What was committed stays; <see cref="SyncException.IsTransient"/> says whether a retry may help.</exception>
    /// <exception cref="ArgumentException">The request names an unknown dataset or a value out of range.</exception>
    Task<SyncResult> SyncAsync(SyncRequest request, IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default);

    /// <summary>Syncs every dataset, in both directions.</summary>
    /// <param name="progress">Called after every commit. An exception that it throws is logged and ignored. Null for none.</param>
    /// <param name="cancellationToken">Stops the run. Everything committed stays, and the next run continues there.</param>
    /// <returns>What the run did.</returns>
    /// <inheritdoc cref="SyncAsync(SyncRequest, IProgress{SyncProgress}?, CancellationToken)" path="/exception"/>
    Task<SyncResult> SyncAsync(IProgress<SyncProgress>? progress = null, CancellationToken cancellationToken = default) =>
        SyncAsync(new SyncRequest(), progress, cancellationToken);

    /// <summary>Reads a dataset's pages in their order without storing anything.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="after">The position to continue from; null for the beginning.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>Non-empty pages up to the end of the table. Each owns its bytes: dispose it when done.</returns>
    /// <exception cref="SyncException">The request failed, or the cursor was refused.</exception>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    IAsyncEnumerable<Page> ReadPagesAsync(string dataset, Cursor? after = null, CancellationToken cancellationToken = default);

    /// <summary>Returns the state of every dataset, without a request to the server.</summary>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The status.</returns>
    /// <exception cref="SyncException">A checkpoint could not be read.</exception>
    Task<SyncStatus> GetStatusAsync(CancellationToken cancellationToken = default);

    /// <summary>Forgets a dataset's position. Rows and local changes stay; the next run reads everything again and removes rows that the server no longer has.</summary>
    /// <remarks>While local changes wait or are in quarantine, they still belong to their user: another user's run ends as <see cref="SyncOutcome.UserChanged"/>.</remarks>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="cancellationToken">Ends the call before anything was forgotten.</param>
    /// <returns>A task that ends when the position is forgotten.</returns>
    /// <exception cref="SyncStoreException">The dataset is being synced, or the store failed.</exception>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    Task ResetAsync(string dataset, CancellationToken cancellationToken = default);

    /// <summary>Lists a dataset's local changes that are not on the server yet, in the order in which they will be sent.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="state">Only changes in this state; null, the default, for all.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The changes; none where the local store records none.</returns>
    /// <exception cref="SyncStoreException">The store failed.</exception>
    /// <exception cref="ArgumentException">There is no such dataset, or no such state.</exception>
    IAsyncEnumerable<LocalChange> ReadChangesAsync(string dataset, ChangeState? state = null, CancellationToken cancellationToken = default);

    /// <summary>Reads the local row and the server's row of one local change, so that a person can decide between them.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="change">The change's number, <see cref="LocalChange.Id"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>Both rows, from the local store; the server is not asked.</returns>
    /// <exception cref="SyncStoreException">There is no such change, because it was settled or discarded; or the store failed.</exception>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    Task<ChangeRows> ReadChangeRowsAsync(string dataset, long change, CancellationToken cancellationToken = default);

    /// <summary>Puts quarantined changes back into the outbox: the next run sends them again.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="changes">Their numbers, <see cref="LocalChange.Id"/>; null, the default, for every quarantined one.</param>
    /// <param name="cancellationToken">Ends the call before anything was done.</param>
    /// <returns>How many wait again.</returns>
    /// <exception cref="SyncStoreException">The dataset is being synced, or the store failed.</exception>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    Task<int> RetryChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default);

    /// <summary>Discards local changes. The local row becomes the server's last known row again, or is removed when there is none.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="changes">Their numbers, <see cref="LocalChange.Id"/>; null, the default, for every quarantined one. Changes in flight are not discarded.</param>
    /// <param name="cancellationToken">Ends the call before anything was done.</param>
    /// <returns>How many were discarded.</returns>
    /// <exception cref="SyncStoreException">The dataset is being synced, or the store failed.</exception>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    Task<int> DiscardChangesAsync(string dataset, IReadOnlyCollection<long>? changes = null, CancellationToken cancellationToken = default);

    /// <summary>Lists the server's rows that a constraint or a trigger of the local table refuses.</summary>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="cancellationToken">Ends the enumeration.</param>
    /// <returns>The rows; none where the local store can hold any row.</returns>
    /// <exception cref="SyncStoreException">The store failed.</exception>
    /// <exception cref="ArgumentException">There is no such dataset.</exception>
    IAsyncEnumerable<ParkedRow> ReadParkedRowsAsync(string dataset, CancellationToken cancellationToken = default);

    /// <summary>Looks for what keeps datasets from being synced, or a sync from being complete: URL, key, session, tables, columns, policies, the SQL kit, the local store and what waits there.</summary>
    /// <remarks>
    /// It only reads, on both sides, with the signed-in user's own rights, and takes neither a lease nor a turn. What it can report it reports instead of throwing: that the server cannot
    /// be reached is a finding. What only the database's catalog tells is <see cref="FindingSeverity.Unknown"/>; the command <c>agent-sync doctor</c> can look there.
    /// </remarks>
    /// <param name="datasets">The names of the datasets to look at; null, the default, for all.</param>
    /// <param name="cancellationToken">Ends the checks.</param>
    /// <returns>What was found, also what is in order.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; never wrapped.</exception>
    /// <exception cref="ArgumentException">There is no such dataset, or the list is empty.</exception>
    Task<Diagnosis> DiagnoseAsync(IReadOnlyCollection<string>? datasets = null, CancellationToken cancellationToken = default);

    /// <summary>Explains where one row stands between the local store and the server: its versions, what waits, and what happens next.</summary>
    /// <remarks>It only reads, on both sides, with the signed-in user's own rights. Where the server cannot be asked, the explanation says why and tells the local side.</remarks>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="key">The row's key as a JSON object with the key's columns, as in <see cref="LocalChange.Key"/>.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The explanation.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; never wrapped.</exception>
    /// <exception cref="SyncStoreException">The local store failed.</exception>
    /// <exception cref="ArgumentException">There is no such dataset, or the key is not one of its rows'.</exception>
    Task<RowExplanation> ExplainAsync(string dataset, string key, CancellationToken cancellationToken = default);

    /// <summary>Compares a dataset with the server, and repairs what differs where that is asked for: rows that a sync missed, rows that became visible or invisible without a change, and local rows that were lost or changed behind its back.</summary>
    /// <remarks>
    /// It takes its turn and the dataset's lease as a run does. Sync first: what the server changed since is counted as <see cref="VerifyResult.Newer"/>. A call that ends early, also by a
    /// crash, is continued by the next one.
    /// </remarks>
    /// <param name="dataset">The dataset's name.</param>
    /// <param name="options">What to compare, what to repair, and how much it may cost; null, the default, only looks, without limits.</param>
    /// <param name="progress">Called after every page. An exception that it throws is logged and ignored. Null for none.</param>
    /// <param name="cancellationToken">Ends the call. What was repaired stays, and the next call goes on where this one was, a few pages back at most.</param>
    /// <returns>What was found.</returns>
    /// <exception cref="OperationCanceledException">The token was cancelled; never wrapped.</exception>
    /// <exception cref="SyncException">The server or the store failed, somebody else holds the lease, or the store cannot be verified.</exception>
    /// <exception cref="ArgumentException">There is no such dataset, or an option is out of range.</exception>
    Task<VerifyResult> VerifyAsync(string dataset, VerifyOptions? options = null, IProgress<VerifyProgress>? progress = null, CancellationToken cancellationToken = default);
}
