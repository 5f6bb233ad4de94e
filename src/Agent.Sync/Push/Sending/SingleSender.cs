using System.Text;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Sending;

/// <summary>Sends updates and deletes one by one, each only if the row still has the version that the edit started from. Without the SQL kit, no single statement checks that for several rows.</summary>
internal sealed class SingleSender(
    PushCalls calls, PushUrl url, ReadBack readBack, GrantProbe grants, PushContext context, bool anyVersion)
{
    private const string Prefer = "return=representation";

    private Dataset Dataset => calls.Dataset;

    public async Task RunAsync(BatchResult result, CancellationToken cancellationToken)
    {
        var missing = new List<int>();

        // The first row that did not match is looked up at once, later ones in groups that grow: an interrupted run has found out
        // something each time, and many conflicts still cost few requests.
        var lookUpAt = 1;
        var count = result.Batch.Changes.Length;
        for (var index = 0; index < count; index++)
        {
            if (context.MustStop || cancellationToken.IsCancellationRequested)
            {
                result.Return(index, count - index);
                break;
            }

            try
            {
                await SendAsync(result, index, missing, cancellationToken).ConfigureAwait(false);
                if (missing.Count == lookUpAt)
                {
                    await JudgeMissingAsync(result, missing, cancellationToken).ConfigureAwait(false);
                    missing.Clear();
                    lookUpAt *= 2;
                }
            }
            catch (Exception failure)
            {
                var first = failure is SyncException { IsRefusal: true } && !missing.Contains(index) ? index : index + 1;
                result.Return(first, count - first);
                throw;
            }
        }

        if (missing.Count > 0)
        {
            await JudgeMissingAsync(result, missing, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Sends one change and adds its outcome.</summary>
    /// <returns>Whether the row was found and written.</returns>
    public async Task<bool> SendOneAsync(BatchResult result, int index, CancellationToken cancellationToken)
    {
        var missing = new List<int>();
        await SendAsync(result, index, missing, cancellationToken).ConfigureAwait(false);
        if (missing.Count > 0)
        {
            await JudgeMissingAsync(result, missing, cancellationToken).ConfigureAwait(false);
            return false;
        }

        return result.Outcomes.Span is [.., { Kind: OutcomeKind.Applied } last] && last.Index == index;
    }

    private async Task SendAsync(BatchResult result, int index, List<int> missing, CancellationToken cancellationToken)
    {
        var change = result.Batch.Changes.Span[index];
        var call = CallFor(change);
        Page page;
        try
        {
            page = await calls.SendForRowsAsync(result, call, 1, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException failure) when (ErrorClassifier.FaultOf(failure) is var fault and not WriteFault.None)
        {
            if (fault == WriteFault.Unanswered)
            {
                // It stays in flight.
                if (!context.State.Refusals.CountUnanswered(failure, isAlone: true))
                {
                    throw;
                }

                return;
            }

            if (failure.Kind == SyncErrorKind.PermissionDenied)
            {
                await grants.RequireAsync(call with { PathAndQuery = url.Nothing(call.PathAndQuery) }, cancellationToken).ConfigureAwait(false);
            }

            result.Add(SingleFault.Judge(index, fault, failure));
            return;
        }

        AskedRows.RequireOne(Dataset, change, page);
        if (page.Count == 0)
        {
            missing.Add(index);
        }
        else
        {
            // The local row of a delete is gone already; what the server keeps of a soft-deleted row comes with the next pull.
            result.Add(change.Kind == ChangeKind.Delete
                ? new ChangeOutcome(index, OutcomeKind.Applied) { Written = Dataset.DeletedOrdinal is null ? null : page }
                : new ChangeOutcome(index, OutcomeKind.Applied, page));
        }
    }

    private ApiCall CallFor(in PendingChange change)
    {
        var path = url.Row(change, anyVersion);
        return change.Kind == ChangeKind.Update ? calls.Write(HttpMethod.Patch, path, change.Row, Prefer)
            : Dataset.DeletedOrdinal is { } deleted ? calls.Write(HttpMethod.Patch, path, DeletionAt(deleted), Prefer)
            : calls.Write(HttpMethod.Delete, path, default, Prefer);
    }

    private byte[] DeletionAt(int deleted) =>
        Encoding.UTF8.GetBytes($"{{\"{Dataset.Columns[deleted].Name}\":\"{TimestampText.Format(context.Run.Seams.Time.GetUtcNow())}\"}}");

    /// <summary>A row that the write did not match was changed or removed by another writer or by an earlier attempt, or a policy hides it from writes.</summary>
    private async Task JudgeMissingAsync(BatchResult result, List<int> missing, CancellationToken cancellationToken)
    {
        PendingChange[] changes = [.. missing.Select(index => result.Batch.Changes.Span[index])];
        var found = await readBack.FindAsync(result, changes, cancellationToken).ConfigureAwait(false);
        for (var position = 0; position < changes.Length; position++)
        {
            result.Add(Judge(missing[position], changes[position], found[position].Page, found[position].Row));
        }
    }

    private ChangeOutcome Judge(int index, in PendingChange change, Page? page, int row)
    {
        if (change.Kind == ChangeKind.Delete)
        {
            // Deleting what is gone is success.
            if (page is null || (Dataset.DeletedOrdinal is { } deleted && !page.GetCell(row, deleted).IsNull))
            {
                return new ChangeOutcome(index, OutcomeKind.Applied);
            }
        }
        else if (page is not null && SentValues.AreIn(change.Row.Span, page, row))
        {
            return new ChangeOutcome(index, OutcomeKind.Applied, page, row);
        }

        // The row is the one that the edit started from, yet the write did not match it: a policy lets the user read it, but not write it.
        return page is not null && (anyVersion || HasVersion(page, row, change.BaseVersion.Span))
            ? new ChangeOutcome(index, OutcomeKind.Rejected, Code: "42501")
            : new ChangeOutcome(index, OutcomeKind.Conflict, page, row);
    }

    private bool HasVersion(Page page, int row, ReadOnlySpan<byte> version)
    {
        var ordinal = Dataset.VersionOrdinal ?? Dataset.CursorOrdinal;
        var cell = page.GetCell(row, ordinal);
        return cell.IsNull ? version.IsEmpty : ValueEquality.AreSame(Dataset.Columns[ordinal].Type, version, cell.Utf8);
    }
}
