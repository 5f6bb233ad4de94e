using System.Text.Json;
using Agent.Sync.Push.Sending;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Kit;

/// <summary>Writes the body of a call of the SQL kit's push function, from the changes' own JSON.</summary>
internal static class KitBody
{
    private static readonly JsonEncodedText Batch = JsonEncodedText.Encode("batch");
    private static readonly JsonEncodedText Groups = JsonEncodedText.Encode("groups");
    private static readonly JsonEncodedText Kind = JsonEncodedText.Encode("kind");
    private static readonly JsonEncodedText Columns = JsonEncodedText.Encode("columns");
    private static readonly JsonEncodedText Changes = JsonEncodedText.Encode("changes");
    private static readonly JsonEncodedText Operation = JsonEncodedText.Encode("op");
    private static readonly JsonEncodedText Key = JsonEncodedText.Encode("key");
    private static readonly JsonEncodedText Base = JsonEncodedText.Encode("base");
    private static readonly JsonEncodedText Row = JsonEncodedText.Encode("row");

    // No row has it: the SQL kit counts up from 0.
    private static readonly JsonEncodedText NoStamp = JsonEncodedText.Encode("-1");

    private static readonly JsonEncodedText[] Kinds =
        [JsonEncodedText.Encode("insert"), JsonEncodedText.Encode("update"), JsonEncodedText.Encode("delete")];

    /// <summary>Returns how long a body without changes is.</summary>
    public static int HeaderLength(Dataset dataset)
    {
        using var body = new PooledBytes(0);
        Write(body, dataset, [], ConflictPolicy.ServerWins);
        return body.Written.Length;
    }

    /// <param name="body">Where to.</param>
    /// <param name="dataset">The dataset, sequenced.</param>
    /// <param name="changes">The changes; those of one kind with the same columns stand together.</param>
    /// <param name="policy">Who wins: when the local row does, it is written whatever the server's version is.</param>
    public static void Write(PooledBytes body, Dataset dataset, ReadOnlySpan<PendingChange> changes, ConflictPolicy policy)
    {
        // The changes' JSON is the store's, already checked; only what is around it is written here.
        using var writer = new Utf8JsonWriter(body, new JsonWriterOptions { SkipValidation = true });
        writer.WriteStartObject();
        writer.WriteStartObject(Batch);
        WriteHeader(writer, dataset);
        writer.WriteStartArray(Groups);
        for (var start = 0; start < changes.Length;)
        {
            var end = start + 1;
            while (end < changes.Length && changes[end].Kind == changes[start].Kind && ReferenceEquals(changes[end].Columns, changes[start].Columns))
            {
                end++;
            }

            WriteGroup(writer, changes[start..end], policy);
            start = end;
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
        writer.WriteEndObject();
    }

    private static void WriteHeader(Utf8JsonWriter writer, Dataset dataset)
    {
        writer.WriteString("table"u8, $"{dataset.Schema}.{dataset.RemoteTable}");
        writer.WriteString("version"u8, dataset.Columns[dataset.VersionOrdinal ?? dataset.CursorOrdinal].Name);
        writer.WriteStartArray("select"u8);
        foreach (var column in dataset.Columns)
        {
            writer.WriteStringValue(column.Name);
        }

        writer.WriteEndArray();
        if (dataset.DeletedOrdinal is { } deleted)
        {
            writer.WriteString("deleted"u8, dataset.Columns[deleted].Name);
        }
    }

    private static void WriteGroup(Utf8JsonWriter writer, ReadOnlySpan<PendingChange> changes, ConflictPolicy policy)
    {
        writer.WriteStartObject();
        writer.WriteString(Kind, Kinds[(int)changes[0].Kind]);
        writer.WriteStartArray(Columns);
        foreach (var column in changes[0].Columns)
        {
            writer.WriteStringValue(column);
        }

        writer.WriteEndArray();
        writer.WriteStartArray(Changes);
        foreach (ref readonly var change in changes)
        {
            WriteChange(writer, change, policy);
        }

        writer.WriteEndArray();
        writer.WriteEndObject();
    }

    private static void WriteChange(Utf8JsonWriter writer, in PendingChange change, ConflictPolicy policy)
    {
        writer.WriteStartObject();
        writer.WriteString(Operation, change.OperationId);
        writer.WritePropertyName(Key);
        writer.WriteRawValue(change.Key.Span, skipInputValidation: true);
        if (change.Kind == ChangeKind.Insert || policy == ConflictPolicy.LocalWins)
        {
            writer.WriteNull(Base);
        }
        else if (change.BaseVersion.IsEmpty)
        {
            writer.WriteString(Base, NoStamp);
        }
        else
        {
            writer.WriteString(Base, change.BaseVersion.Span);
        }

        if (change.Kind != ChangeKind.Delete)
        {
            writer.WritePropertyName(Row);
            writer.WriteRawValue(change.Row.Span, skipInputValidation: true);
        }

        writer.WriteEndObject();
    }
}
