using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Sending;

/// <summary>Looks up what the server has under the keys of changes whose answer did not say.</summary>
internal sealed class ReadBack(PushCalls calls, PushUrl url)
{
    /// <summary>Returns the server's row of each change; a null page where the user can see none.</summary>
    public async Task<(Page? Page, int Row)[]> FindAsync(BatchResult result, PendingChange[] changes, CancellationToken cancellationToken)
    {
        var found = new (Page? Page, int Row)[changes.Length];
        int[] open = [.. Enumerable.Range(0, changes.Length)];
        var most = int.MaxValue;
        while (open.Length > 0)
        {
            PendingChange[] asked = [.. open.Select(position => changes[position])];
            var path = url.LookUp(asked, most, out var taken);
            Page page;
            try
            {
                page = await calls.SendForRowsAsync(result, calls.Read(path), taken, cancellationToken).ConfigureAwait(false);
            }
            catch (SyncException failure) when (taken > 1 && failure.Code is ("414" or "431" or "502"))
            {
                // The URL, or the header that repeats it, is too long for something in between.
                most = taken / 2;
                continue;
            }
            catch (SyncException failure)
            {
                // The look-up was refused, not the write before it, which may well have arrived: its changes stay in flight.
                failure.IsRefusal = false;
                throw;
            }

            var rows = new int[taken];

            // The server's cap on rows may have truncated an answer: only an answer without any of the rows shows that the others do not exist.
            var rowsFound = RowMatch.Find(asked.AsSpan(0, taken), page, rows);
            var isLast = rowsFound == 0;
            AskedRows.Require(calls.Dataset, asked.AsSpan(0, taken), page, rows, rowsFound);
            var left = new List<int>();
            for (var position = 0; position < taken; position++)
            {
                if (rows[position] != RowMatch.None)
                {
                    found[open[position]] = (page, rows[position]);
                }
                else if (!isLast)
                {
                    left.Add(open[position]);
                }
            }

            open = [.. left, .. open[taken..]];
        }

        return found;
    }
}
