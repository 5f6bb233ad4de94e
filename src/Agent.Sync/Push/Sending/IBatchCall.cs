using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Sending;

/// <summary>One form of a request for several changes, which may have to be sent in parts.</summary>
internal interface IBatchCall
{
    /// <summary>Sends the changes in one request, which is written as a whole or not at all.</summary>
    Task<CallAnswer> SendAsync(ReadOnlyMemory<PendingChange> changes, CancellationToken cancellationToken);

    /// <summary>Adds an outcome for each of the changes to the result.</summary>
    /// <param name="answer">What came.</param>
    /// <param name="result">Where to.</param>
    /// <param name="start">The position of the first change that was sent.</param>
    /// <param name="count">How many were sent.</param>
    /// <param name="cancellationToken">Ends look-ups.</param>
    Task TakeAsync(CallAnswer answer, BatchResult result, int start, int count, CancellationToken cancellationToken);

    /// <summary>Gets a value indicating whether requests of this form fail whatever the rows are, so that each change is to be sent by itself in another.</summary>
    bool IsUnfit => false;

    /// <summary>Sends a change by itself in another form, if its refusal may be the fault of this form, and adds its outcome.</summary>
    /// <returns>Whether it did.</returns>
    Task<bool> TrySinglyAsync(BatchResult result, int index, SyncException refusal, CancellationToken cancellationToken) => Task.FromResult(false);

    /// <summary>Sends a change by itself in another form, and adds its outcome.</summary>
    Task SendSinglyAsync(BatchResult result, int index, CancellationToken cancellationToken) => throw new NotSupportedException();

    /// <summary>Finds out whether a refusal (42501) means a row or the whole table.</summary>
    /// <exception cref="SyncException">The table: a grant is missing.</exception>
    Task RequireGrantAsync(SyncException refusal, PendingChange first, CancellationToken cancellationToken);
}
