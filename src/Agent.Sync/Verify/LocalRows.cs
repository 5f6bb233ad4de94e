using System.Runtime.CompilerServices;
using Agent.Sync.Stores;

namespace Agent.Sync.Verify;

/// <summary>The server's rows that the local store holds, with their hashes.</summary>
internal sealed class LocalRows(VerifyContext context, RowHasher hasher)
{
    private const int RowsOfPage = 2_000;

    /// <summary>Returns about how many there are; null where the store does not know.</summary>
    public async ValueTask<long?> CountAsync(CancellationToken cancellationToken) =>
        (await context.Local.ReadKeptRowsAsync(new KeptRowsRequest(context.Dataset, context.Columns, After: null, Limit: 1), cancellationToken).ConfigureAwait(false)).Total;

    /// <summary>Reads all of them.</summary>
    public async IAsyncEnumerable<IReadOnlyList<LocalRow>> ReadAsync([EnumeratorCancellation] CancellationToken cancellationToken)
    {
        string? after = null;
        do
        {
            var page = await context.Local.ReadKeptRowsAsync(new KeptRowsRequest(context.Dataset, context.Columns, after, RowsOfPage), cancellationToken).ConfigureAwait(false);
            yield return [.. page.Rows.Select(Hash)];
            after = page.Next;
            await context.Lease.RenewIfDueAsync().ConfigureAwait(false);
        }
        while (after is not null);
    }

    /// <summary>Finds what the store holds under the keys of a page's rows.</summary>
    public async ValueTask<LocalRow[]> FindAsync(Page keys, CancellationToken cancellationToken) =>
        [.. (await context.Local.FindKeptRowsAsync(context.Dataset, context.Columns, keys, cancellationToken).ConfigureAwait(false)).Select(Hash)];

    private LocalRow Hash(KeptRow row) => new(row.State, row.Row, row.Row.IsEmpty ? default(RowHash?) : hasher.Hash(row.Row.Span));
}

/// <summary>A row as the local store holds it.</summary>
/// <param name="State">How.</param>
/// <param name="Json">Its values that are compared; empty where the server's row is not known.</param>
/// <param name="Hash">Its hashes; null where the server's row is not known.</param>
internal readonly record struct LocalRow(KeptRowState State, ReadOnlyMemory<byte> Json, RowHash? Hash)
{
    // A record would print its values.
    public override string ToString() => State.ToString();
}
