using System.Text;
using System.Text.Json;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Rows;

/// <summary>Refuses answers with rows that were not asked for: if they were taken for those that were, an unsent edit would count as sent.</summary>
internal static class AskedRows
{
    /// <summary>Checks the answer to one change.</summary>
    /// <exception cref="SyncProtocolException">It has another row, or more than one.</exception>
    public static void RequireOne(Dataset dataset, in PendingChange change, Page page)
    {
        if (page.Count > 1 || (page.Count == 1 && !IsAbout(change, page, 0)))
        {
            throw Failure(dataset);
        }
    }

    /// <summary>Checks one row of an answer.</summary>
    /// <exception cref="SyncProtocolException">It is another one.</exception>
    public static void Require(Dataset dataset, in PendingChange change, Page page, int row)
    {
        if (!IsAbout(change, page, row))
        {
            throw Failure(dataset);
        }
    }

    /// <summary>Checks an answer to several changes.</summary>
    /// <param name="dataset">The dataset.</param>
    /// <param name="changes">The changes.</param>
    /// <param name="page">The answer.</param>
    /// <param name="rows">The rows that <see cref="RowMatch"/> has found.</param>
    /// <param name="found">How many.</param>
    /// <exception cref="SyncProtocolException">A row belongs to none of them.</exception>
    public static void Require(Dataset dataset, ReadOnlySpan<PendingChange> changes, Page page, ReadOnlySpan<int> rows, int found)
    {
        for (var row = 0; found < page.Count && row < page.Count; row++)
        {
            if (!rows.Contains(row) && !IsAboutAny(changes, page, row))
            {
                throw Failure(dataset);
            }
        }
    }

    private static bool IsAboutAny(ReadOnlySpan<PendingChange> changes, Page page, int row)
    {
        foreach (ref readonly var change in changes)
        {
            if (IsAbout(change, page, row))
            {
                return true;
            }
        }

        return false;
    }

    private static bool IsAbout(in PendingChange change, Page page, int row) =>
        SentValues.AreIn(change.Key.Span, page, row) || IsLike(change.Key, page, row);

    /// <summary>The server may compare a text key in its own way (citext, char(n)) and answer in its own spelling.</summary>
    private static bool IsLike(ReadOnlyMemory<byte> key, Page page, int row)
    {
        using var document = JsonDocument.Parse(key);
        foreach (var value in document.RootElement.EnumerateObject())
        {
            var column = Ordinal(page.Dataset, value.Name);
            var cell = page.GetCell(row, column);
            var sent = value.Value.ValueKind == JsonValueKind.String ? value.Value.GetString()! : value.Value.GetRawText();
            var isSame = page.Dataset.Columns[column].Type == ColumnType.Text
                ? sent.AsSpan().TrimEnd(' ').Equals(cell.ReadText().AsSpan().TrimEnd(' '), StringComparison.OrdinalIgnoreCase)
                : ValueEquality.AreSame(page.Dataset.Columns[column].Type, Encoding.UTF8.GetBytes(sent), cell.Utf8);
            if (!isSame)
            {
                return false;
            }
        }

        return true;
    }

    private static int Ordinal(Dataset dataset, string name) =>
        dataset.KeyOrdinals.First(ordinal => string.Equals(dataset.Columns[ordinal].Name, name, StringComparison.Ordinal));

    private static SyncProtocolException Failure(Dataset dataset) => new(
        SyncErrorKind.UnexpectedResponse,
        $"The server answered for a row of dataset '{dataset.Name}' that was not asked for; the answer was not used, and the changes stay. Check that no proxy answers from a cache, that the dataset's key is unique on the server, and that no trigger changes it.",
        dataset.Name);
}
