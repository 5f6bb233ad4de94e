using System.Text.Json;
using Agent.Sync.Push.Batches;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Kit;

/// <summary>Reads the answer of the SQL kit's push function: an outcome per change, and the rows as they are on the server now.</summary>
internal static class KitAnswer
{
    /// <exception cref="SyncProtocolException">It is not such an answer, or not the one to these changes.</exception>
    public static void Read(Dataset dataset, ReadOnlySpan<byte> utf8, BatchResult result, int start, int count, int maxJsonDepth)
    {
        try
        {
            var rows = FindRows(utf8, maxJsonDepth, out var outcomes);
            var page = result.Keep(ParseRows(dataset, rows, maxJsonDepth));
            foreach (var outcome in ReadOutcomes(dataset, outcomes, page, result.Batch.Changes.Span.Slice(start, count), start))
            {
                result.Add(outcome);
            }
        }
        catch (Exception exception) when (exception is JsonException or InvalidOperationException or FormatException)
        {
            // Not as an inner exception: a reader's message may quote the text around the fault.
            throw Malformed(dataset);
        }
    }

    private static ReadOnlySpan<byte> FindRows(ReadOnlySpan<byte> utf8, int maxJsonDepth, out ReadOnlySpan<byte> outcomes)
    {
        outcomes = default;
        ReadOnlySpan<byte> rows = default;
        var reader = new Utf8JsonReader(utf8, new JsonReaderOptions { MaxDepth = maxJsonDepth });
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            var (isRows, isOutcomes) = (reader.ValueTextEquals("rows"u8), reader.ValueTextEquals("outcomes"u8));
            reader.Read();
            var begin = (int)reader.TokenStartIndex;
            reader.Skip();
            var value = utf8[begin..(int)reader.BytesConsumed];
            rows = isRows ? value : rows;
            outcomes = isOutcomes ? value : outcomes;
        }

        return rows;
    }

    private static Page ParseRows(Dataset dataset, ReadOnlySpan<byte> rows, int maxJsonDepth)
    {
        var buffer = PageMemory.Bytes.Rent(Math.Max(1, rows.Length));
        rows.CopyTo(buffer);
        return PageParser.Parse(dataset, buffer, rows.Length, maxJsonDepth);
    }

    // All of them before the first counts: an answer is used whole or not at all.
    private static List<ChangeOutcome> ReadOutcomes(Dataset dataset, ReadOnlySpan<byte> outcomes, Page page, ReadOnlySpan<PendingChange> changes, int start)
    {
        var read = new List<ChangeOutcome>(changes.Length);
        var reader = new Utf8JsonReader(outcomes);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.StartObject)
        {
            var position = read.Count;
            var one = KitOutcome.Read(ref reader);
            if (position == changes.Length || one.Operation != changes[position].OperationId || one.Row < 0 || one.Row >= page.Count)
            {
                throw Malformed(dataset);
            }

            if (one.Row is { } row)
            {
                AskedRows.Require(dataset, changes[position], page, row);
            }

            read.Add(one.ToOutcome(start + position, changes[position].Kind, page) ?? throw Malformed(dataset));
        }

        return read.Count == changes.Length ? read : throw Malformed(dataset);
    }

    private static SyncProtocolException Malformed(Dataset dataset) => new(
        SyncErrorKind.UnexpectedResponse,
        $"The answer of the SQL kit's push function for dataset '{dataset.Name}' is not one outcome per change. Check that the kit's version fits this library's, and that no proxy answers in its place.",
        dataset.Name);
}
