namespace Agent.Sync.Stores;

/// <summary>One change, frozen to be sent. Its bytes are valid until its <see cref="ChangeBatch"/> is disposed.</summary>
/// <param name="Id">Its number in the dataset's outbox; numbers rise in queue order.</param>
/// <param name="OperationId">The operation id. It is the same for every attempt to send the change, across restarts.</param>
/// <param name="Kind">What the change does.</param>
/// <param name="Columns">The columns of <paramref name="Row"/>, in order; the same list object for every change of a batch with the same columns. Empty for a delete.</param>
/// <param name="Key">The key as a UTF-8 JSON object.</param>
/// <param name="BaseVersion">The version that the edit started from, in the server's text, UTF-8 without quotes; empty for an insert.</param>
/// <param name="Row">
/// The values as a UTF-8 JSON object. Insert: every column that may be sent and is not null, including the key (a column left out gets
/// the server's default). Update: the columns that changed, without the key. Delete: empty.
/// </param>
public readonly record struct PendingChange(
    long Id,
    Guid OperationId,
    ChangeKind Kind,
    IReadOnlyList<string> Columns,
    ReadOnlyMemory<byte> Key,
    ReadOnlyMemory<byte> BaseVersion,
    ReadOnlyMemory<byte> Row)
{
    // A record would print its values.
    /// <summary>Returns kind and number.</summary>
    /// <returns>A text without values.</returns>
    public override string ToString() => $"{Kind} {Id}";
}
