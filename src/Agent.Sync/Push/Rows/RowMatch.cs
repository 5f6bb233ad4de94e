using Agent.Sync.Stores;

namespace Agent.Sync.Push.Rows;

/// <summary>Finds which row of an answer belongs to which change. Answers come in the order of the request nearly always, with gaps.</summary>
internal static class RowMatch
{
    public const int None = -1;

    /// <param name="changes">The changes that were asked about.</param>
    /// <param name="page">The answer.</param>
    /// <param name="rows">Gets the row of each change, or <see cref="None"/>.</param>
    /// <returns>How many changes have a row.</returns>
    public static int Find(ReadOnlySpan<PendingChange> changes, Page page, Span<int> rows)
    {
        rows.Fill(None);
        var (next, found) = (0, 0);
        for (var row = 0; row < page.Count; row++)
        {
            var index = IndexOf(changes, next, changes.Length, page, row, rows);
            if (index < 0)
            {
                index = IndexOf(changes, 0, next, page, row, rows);
            }
            else
            {
                next = index + 1;
            }

            if (index >= 0)
            {
                rows[index] = row;
                found++;
            }
        }

        return found;
    }

    private static int IndexOf(ReadOnlySpan<PendingChange> changes, int start, int end, Page page, int row, ReadOnlySpan<int> rows)
    {
        for (var index = start; index < end; index++)
        {
            if (rows[index] == None && SentValues.AreIn(changes[index].Key.Span, page, row))
            {
                return index;
            }
        }

        return -1;
    }
}
