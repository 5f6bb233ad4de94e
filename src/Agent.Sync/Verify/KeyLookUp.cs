using Agent.Sync.Postgrest;
using Agent.Sync.Push.Rows;
using Agent.Sync.Push.Sending;
using Agent.Sync.Stores;

namespace Agent.Sync.Verify;

/// <summary>Asks the server for rows by their keys.</summary>
internal sealed class KeyLookUp(VerifyContext context)
{
    private readonly PushUrl _url = new(context.Dataset);

    /// <summary>Reads the rows of some keys.</summary>
    /// <param name="keys">A page with the columns of the key.</param>
    /// <param name="rows">The rows of the page whose keys are asked for.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    /// <returns>The pages that came, which the caller disposes; and the rows of which the server shows nothing.</returns>
    /// <exception cref="SyncProtocolException">The server answered with rows that were not asked for.</exception>
    public async Task<(List<Page> Found, List<int> Absent)> FindAsync(Page keys, IReadOnlyList<int> rows, CancellationToken cancellationToken)
    {
        var pages = new List<Page>();
        var absent = new List<int>();
        PendingChange[] open = [.. rows.Select(row => new PendingChange(row, Guid.Empty, ChangeKind.Update, [], KeyJson.Of(keys, row), default, default))];
        var most = int.MaxValue;
        try
        {
            while (open.Length > 0)
            {
                var path = _url.LookUp(open, most, out var taken);
                Page page;
                try
                {
                    page = await AskAsync(path, cancellationToken).ConfigureAwait(false);
                }
                catch (SyncException failure) when (taken > 1 && (failure.Code is "414" or "431" or "502" || failure is SyncProtocolException { IsTooLarge: true } or SyncTransportException { Kind: SyncErrorKind.StatementTimeout }))
                {
                    most = taken / 2;
                    continue;
                }

                pages.Add(page);
                var matches = new int[taken];
                var found = RowMatch.Find(open.AsSpan(0, taken), page, matches);
                AskedRows.Require(context.Dataset, open.AsSpan(0, taken), page, matches, found);

                // The server's cap on rows may have truncated an answer: only one without any of the rows shows that the others do not exist.
                var left = open[..taken].Where((_, index) => matches[index] == RowMatch.None).ToArray();
                if (found == 0)
                {
                    absent.AddRange(left.Select(static change => (int)change.Id));
                    left = [];
                }

                open = [.. left, .. open[taken..]];
            }

            return (pages, absent);
        }
        catch
        {
            pages.ForEach(static page => page.Dispose());
            throw;
        }
    }

    private async Task<Page> AskAsync(string path, CancellationToken cancellationToken)
    {
        var call = new ApiCall { Method = HttpMethod.Get, PathAndQuery = path, Schema = context.Dataset.Schema, Dataset = context.Dataset };
        using var answer = await context.Calls.CallAsync(call, cancellationToken).ConfigureAwait(false);
        return answer.ToPage(context.Dataset, context.Settings.MaxJsonDepth);
    }
}
