using System.Buffers;
using System.Text.Json;

namespace Agent.Sync.Entities;

/// <summary>Reads a row's JSON as an entity, and writes it.</summary>
internal static class EntityJson
{
    public static T? Read<T>(ReadOnlyMemory<byte> row)
        where T : class, ISyncEntity<T>
    {
        if (row.IsEmpty)
        {
            return null;
        }

        byte[] array = [(byte)'[', .. row.Span, (byte)']'];
        using var page = Page.Parse(T.SyncDataset, array);
        return T.ReadRow(new EntityRow(page, 0));
    }

    public static ReadOnlyMemory<byte> Write<T>(T entity)
        where T : class, ISyncEntity<T>
    {
        var buffer = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(buffer))
        {
            json.WriteStartObject();
            T.WriteRow(entity, new EntityRowWriter(json));
            json.WriteEndObject();
        }

        return buffer.WrittenMemory;
    }

    /// <summary>An entity reads cells by position, so the page's dataset must begin with its columns. The SQL kit's own column follows them.</summary>
    public static void RequireColumnsOf<T>(Dataset dataset)
        where T : class, ISyncEntity<T>
    {
        var columns = T.SyncDataset.Columns;
        if (!dataset.Columns.Take(columns.Count).Select(static column => (column.Name, column.Type)).SequenceEqual(columns.Select(static column => (column.Name, column.Type))))
        {
            throw new ArgumentException(
                $"The columns of dataset '{dataset.Name}' are not those of {typeof(T).Name}: define it with AddDataset<{typeof(T).Name}>() or {typeof(T).Name}.DefineSyncDataset().", nameof(dataset));
        }
    }
}
