using System.Text;
using Agent.Sync.Postgrest;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Sending;

/// <summary>Sends updates and deletes one by one, each only if the row still has the version that the edit started from: without the SQL kit there is no statement for several of them that checks it.</summary>
internal sealed class SingleSender(
    PushCalls calls, PushUrl url, ReadBack readBack, GrantProbe grants, PushStop stop, TimeProvider time, bool anyVersion)
{
    private const string Prefer = "return=representation";

    private Dataset Dataset => calls.Dataset;

    public async Task RunAsync(UnitResult result, CancellationToken cancellationToken)
    {
        var missing = new List<int>();

        // The first row that was not met is looked up at once, later ones in ever larger groups: a run that is interrupted has
        // learnt something each time, and many conflicts still cost few requests.
        var lookUpAt = 1;
        var count = result.Unit.Changes.Length;
        for (var index = 0; index < count; index++)
        {
            if (stop.IsRequested || cancellationToken.IsCancellationRequested)
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

    /// <summary>Sends one change and adds its verdict.</summary>
    /// <returns>Whether the row was met and written.</returns>
    public async Task<bool> SendOneAsync(UnitResult result, int index, CancellationToken cancellationToken)
    {
        var missing = new List<int>();
        await SendAsync(result, index, missing, cancellationToken).ConfigureAwait(false);
        if (missing.Count > 0)
        {
            await JudgeMissingAsync(result, missing, cancellationToken).ConfigureAwait(false);
            return false;
        }

        return result.Verdicts.Span is [.., { Kind: VerdictKind.Applied } last] && last.Index == index;
    }

    private async Task SendAsync(UnitResult result, int index, List<int> missing, CancellationToken cancellationToken)
    {
        var change = result.Unit.Changes.Span[index];
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
                if (!stop.Refusals.CountUnanswered(failure, isAlone: true))
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
            // The local row of a delete is gone already; what the server keeps of it comes with the next pull.
            result.Add(change.Kind == ChangeKind.Delete
                ? new Verdict(index, VerdictKind.Applied) { Written = Dataset.DeletedOrdinal is null ? null : page }
                : new Verdict(index, VerdictKind.Applied, page));
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
        Encoding.UTF8.GetBytes($"{{\"{Dataset.Columns[deleted].Name}\":\"{TimestampText.Format(time.GetUtcNow())}\"}}");

    /// <summary>A row that was not met was changed or removed by someone else, or by an earlier attempt, or a policy hides it from the write.</summary>
    private async Task JudgeMissingAsync(UnitResult result, List<int> missing, CancellationToken cancellationToken)
    {
        PendingChange[] changes = [.. missing.Select(index => result.Unit.Changes.Span[index])];
        var found = await readBack.FindAsync(result, changes, cancellationToken).ConfigureAwait(false);
        for (var position = 0; position < changes.Length; position++)
        {
            result.Add(Judge(missing[position], changes[position], found[position].Page, found[position].Row));
        }
    }

    private Verdict Judge(int index, in PendingChange change, Page? page, int row)
    {
        if (change.Kind == ChangeKind.Delete)
        {
            // Deleting what is gone is success.
            if (page is null || (Dataset.DeletedOrdinal is { } deleted && !page.GetCell(row, deleted).IsNull))
            {
                return new Verdict(index, VerdictKind.Applied);
            }
        }
        else if (page is not null && SentValues.AreIn(change.Row.Span, page, row))
        {
            return new Verdict(index, VerdictKind.Applied, page, row);
        }

        // The very row that the edit started from, and yet it was not met: a policy lets it be read and not written.
        return page is not null && (anyVersion || HasVersion(page, row, change.BaseVersion.Span))
            ? new Verdict(index, VerdictKind.Rejected, Code: "42501")
            : new Verdict(index, VerdictKind.Conflict, page, row);
    }

    private bool HasVersion(Page page, int row, ReadOnlySpan<byte> version)
    {
        var ordinal = Dataset.VersionOrdinal ?? Dataset.CursorOrdinal;
        var cell = page.GetCell(row, ordinal);
        return cell.IsNull ? version.IsEmpty : ValueEquality.AreSame(Dataset.Columns[ordinal].Type, version, cell.Utf8);
    }
}
