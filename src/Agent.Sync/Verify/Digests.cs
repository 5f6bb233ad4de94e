using System.Buffers;
using System.Diagnostics;
using System.Runtime.CompilerServices;
using System.Text;
using System.Text.Json;
using Agent.Sync.Kit;

namespace Agent.Sync.Verify;

/// <summary>Calls the kit's digest, for the sums of buckets or for the rows of some of them.</summary>
internal sealed class Digests(VerifyContext context, RowHasher hasher) : IServerRows
{
    private const int FirstRows = 25_000;
    private const int MostRows = 200_000;
    private const int RowsOfAnswer = 4_000;

    private Dataset? _keys;

    /// <summary>Gets a value indicating whether a failure says that the database cannot answer: an older kit, or a key that has no text both sides write alike.</summary>
    public static bool IsMissing(SyncException exception) => exception.Code is "PGRST202" or "42883" or "42804" or "404";

    /// <summary>Reads the sums of buckets.</summary>
    public IAsyncEnumerable<DigestAnswer> ReadSumsAsync(IReadOnlyList<string>? after, CancellationToken cancellationToken) =>
        WalkAsync(after, only: null, new WalkSize(FirstRows, MostRows), cancellationToken);

    public async IAsyncEnumerable<ServerPage> ReadAsync(IReadOnlyList<string>? after, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        int[] only = [.. Enumerable.Range(0, BucketTable.Count).Where(context.State.IsChosen)];
        var most = (int)Math.Clamp((long)RowsOfAnswer * BucketTable.Count / Math.Max(1, only.Length), 1, MostRows);
        await foreach (var answer in WalkAsync(after, only, new WalkSize(Math.Min(FirstRows, most), most), cancellationToken).ConfigureAwait(false))
        {
            yield return ToPage(answer, after);
            after = answer.Last;
        }
    }

    private async IAsyncEnumerable<DigestAnswer> WalkAsync(
        IReadOnlyList<string>? after, IReadOnlyList<int>? only, WalkSize size, [EnumeratorCancellation] CancellationToken cancellationToken)
    {
        DigestAnswer answer;
        do
        {
            answer = await AskAsync(after, only, size, cancellationToken).ConfigureAwait(false);
            if (answer.Last is not null && after is not null && answer.Last.SequenceEqual(after, StringComparer.Ordinal))
            {
                throw SyncProtocolException.OutOfOrder(context.Dataset.Name, context.Dataset.Columns[context.Dataset.KeyOrdinals[0]].Name, 0);
            }

            hasher.LeaveOut(answer.Omitted);
            context.State.ColumnsLeftOut = answer.Omitted;
            yield return answer;
            after = answer.Last;
        }
        while (after is not null);
    }

    private async Task<DigestAnswer> AskAsync(IReadOnlyList<string>? after, IReadOnlyList<int>? only, WalkSize size, CancellationToken cancellationToken)
    {
        while (true)
        {
            using var span = SyncDiagnostics.Source.StartActivity("sync verify digest", ActivityKind.Client);
            span?.SetTag("dataset", context.Dataset.Name);
            span?.SetTag("rows", size.Rows);
            var started = context.Seams.Time.GetTimestamp();
            try
            {
                var call = new DigestCall(context.Dataset, context.Columns, after, size.Rows, only);
                using var answer = await context.Calls.CallAsync(call.ToCall(), cancellationToken).ConfigureAwait(false);
                size.Record(context.Seams.Time.GetElapsedTime(started));
                return DigestAnswer.Read(answer.Body.Span, context.Dataset.KeyOrdinals.Count);
            }
            catch (SyncException exception) when (exception is SyncTransportException { Kind: SyncErrorKind.StatementTimeout } or SyncProtocolException { IsTooLarge: true } && size.TryShrink())
            {
                VerifyLog.WalkShrunk(context.Log, context.Dataset.Name, size.Rows, exception.Code ?? SyncException.NoCode);
            }
        }
    }

    private ServerPage ToPage(DigestAnswer answer, IReadOnlyList<string>? after)
    {
        _keys ??= context.Dataset.WithColumns([.. context.Dataset.KeyOrdinals, context.Dataset.CursorOrdinal]);
        var page = Page.Parse(_keys, KeysOf(answer.Rows, _keys));
        var rows = new RowHash[answer.Rows.Count];
        for (var row = 0; row < rows.Length; row++)
        {
            rows[row] = hasher.Hash(page.GetRow(row).Span) with { Row = answer.Rows[row].Hash, IsDeleted = answer.Rows[row].IsDeleted };
        }

        return new ServerPage(page, rows, after, answer.Last, answer.Walked);
    }

    /// <summary>Writes the rows' keys and sequences as the API would.</summary>
    private static ReadOnlySpan<byte> KeysOf(IReadOnlyList<DigestRow> rows, Dataset keys)
    {
        var body = new ArrayBufferWriter<byte>();
        using var json = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        json.WriteStartArray();
        foreach (var row in rows)
        {
            json.WriteStartObject();
            for (var part = 0; part < row.Key.Count; part++)
            {
                json.WritePropertyName(keys.Columns[part].Name);
                Write(json, keys.Columns[part].Type, row.Key[part]);
            }

            json.WritePropertyName(keys.Columns[^1].Name);
            Write(json, ColumnType.Integer, row.Sequence);
            json.WriteEndObject();
        }

        json.WriteEndArray();
        json.Flush();
        return body.WrittenSpan;
    }

    private static void Write(Utf8JsonWriter json, ColumnType type, string text)
    {
        if (type is ColumnType.Integer or ColumnType.Numeric or ColumnType.Double or ColumnType.Boolean or ColumnType.Json && text is not ("NaN" or "Infinity" or "-Infinity"))
        {
            json.WriteRawValue(text);
        }
        else
        {
            // As the server writes it, by which a store may find what it has parked.
            var escaped = new ArrayBufferWriter<byte>();
            JsonStringText.Write(Encoding.UTF8.GetBytes(text), escaped);
            json.WriteRawValue(escaped.WrittenSpan);
        }
    }
}
