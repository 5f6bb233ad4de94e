using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Sending;

/// <summary>Inserts rows of the same columns by one statement; where the local row always wins, overwrites the server's rows.</summary>
internal sealed class BulkCall(PushCalls calls, PushUrl url, ReadBack readBack, GrantProbe grants, SingleSender singles, bool overwrites) : IBatchCall
{
    private const string Insert = "resolution=ignore-duplicates,return=representation";
    private const string Upsert = "resolution=merge-duplicates,return=representation";

    private const string NotNull = "23502";

    private static readonly byte[] NoRows = "[]"u8.ToArray();

    private readonly bool _overwritesInserts = overwrites && !KeyTaken.MayHappen(calls.Dataset);

    private string PreferOf(in PendingChange first) => Overwrites(first) ? Upsert : Insert;

    // An insert whose key another row may have is never written over it.
    private bool Overwrites(in PendingChange change) => change.Kind == ChangeKind.Insert ? _overwritesInserts : overwrites;

    /// <inheritdoc/>
    /// <remarks>An upsert is an INSERT first: it needs every column that may not be null, even for a row that exists.</remarks>
    public bool IsUnfit { get; private set; }

    public async Task<CallAnswer> SendAsync(ReadOnlyMemory<PendingChange> changes, CancellationToken cancellationToken)
    {
        using var body = new PooledBytes(0);
        BulkBody.Write(body, changes.Span, url.LacksKey(changes.Span[0]));
        try
        {
            var call = calls.Write(HttpMethod.Post, url.Bulk(changes.Span[0]), body.Written, PreferOf(changes.Span[0]));
            return await calls.SendAsync(call, changes.Length, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            body.Abandon();
            throw;
        }
    }

    public async Task TakeAsync(CallAnswer answer, BatchResult result, int start, int count, CancellationToken cancellationToken)
    {
        var page = calls.Read(result, answer, isWritten: true);
        var rows = new int[count];
        var found = RowMatch.Find(result.Batch.Changes.Span.Slice(start, count), page, rows);
        AskedRows.Require(calls.Dataset, result.Batch.Changes.Span.Slice(start, count), page, rows, found);
        var missing = new List<int>();
        for (var position = 0; position < count; position++)
        {
            if (rows[position] == RowMatch.None)
            {
                missing.Add(start + position);
            }
            else
            {
                result.Add(new ChangeOutcome(start + position, OutcomeKind.Applied, page, rows[position]));
            }
        }

        if (missing.Count > 0)
        {
            await JudgeMissingAsync(result, missing, cancellationToken).ConfigureAwait(false);
        }
    }

    public async Task<bool> TrySinglyAsync(BatchResult result, int index, SyncException refusal, CancellationToken cancellationToken)
    {
        if (!overwrites || refusal.Code != NotNull || result.Batch.Changes.Span[index].Kind != ChangeKind.Update)
        {
            return false;
        }

        // If an update can write the row, the row lacks no value: the dataset lacks a column.
        IsUnfit |= await singles.SendOneAsync(result, index, cancellationToken).ConfigureAwait(false);
        return true;
    }

    public Task SendSinglyAsync(BatchResult result, int index, CancellationToken cancellationToken) => singles.SendOneAsync(result, index, cancellationToken);

    public Task RequireGrantAsync(SyncException refusal, PendingChange first, CancellationToken cancellationToken) =>
        grants.RequireAsync(calls.Write(HttpMethod.Post, url.Bulk(first), NoRows, PreferOf(first)), cancellationToken);

    /// <summary>A row that did not come back existed already, from an earlier attempt or another writer, or the answer was truncated.</summary>
    private async Task JudgeMissingAsync(BatchResult result, List<int> missing, CancellationToken cancellationToken)
    {
        PendingChange[] changes = [.. missing.Select(index => result.Batch.Changes.Span[index])];
        var found = await readBack.FindAsync(result, changes, cancellationToken).ConfigureAwait(false);
        for (var position = 0; position < changes.Length; position++)
        {
            var (page, row) = found[position];
            if (Overwrites(changes[position]) || (page is not null && SentValues.AreIn(changes[position].Row.Span, page, row)))
            {
                result.Add(new ChangeOutcome(missing[position], OutcomeKind.Applied, page, row));
            }
            else if (page is not null)
            {
                result.Add(new ChangeOutcome(missing[position], OutcomeKind.Conflict, page, row));
            }
            else
            {
                // The key belongs to a row that this user cannot see.
                result.Add(new ChangeOutcome(missing[position], OutcomeKind.Rejected, Code: "42501"));
            }
        }
    }
}
