using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>The rows every measurement uses: about 1.3 KB of JSON each, random uuid keys, the same for the same count.</summary>
internal static class SampleRows
{
    public static Dataset Dataset { get; } = Dataset.Define("artifacts")
        .Key("id", ColumnType.Uuid)
        .Column("type", ColumnType.Text)
        .Column("name", ColumnType.Text)
        .Column("content", ColumnType.Text)
        .Column("metadata", ColumnType.Json)
        .Version("version")
        .Column("owner_id", ColumnType.Uuid)
        .UpdatedAt("updated_at")
        .DeletedAt("deleted_at")
        .Build();

    /// <summary>Makes the pages of a backfill in key order.</summary>
    public static List<SamplePage> Pages(int rows, int pageSize)
    {
        var keys = Keys(rows);
        var pages = new List<SamplePage>((rows / pageSize) + 1);
        for (var start = 0; start < rows; start += pageSize)
        {
            var count = Math.Min(pageSize, rows - start);
            pages.Add(new SamplePage(keys[start + count - 1], count, Render(keys, start, count)));
        }

        return pages;
    }

    /// <summary>Makes the JSON array of some rows in key order.</summary>
    public static byte[] Render(string[] keys, int start, int count)
    {
        var json = new StringBuilder("[");
        for (var row = start; row < start + count; row++)
        {
            json.Append(row == start ? string.Empty : ",");
            Append(json, keys[row], row);
        }

        return Encoding.UTF8.GetBytes(json.Append(']').ToString());
    }

    /// <summary>Makes the keys of all rows, rising.</summary>
    public static string[] Keys(int rows)
    {
        var random = new Random(20_260_101);
        var keys = new string[rows];
        var bytes = new byte[16];
        for (var row = 0; row < rows; row++)
        {
            random.NextBytes(bytes);
            BinaryPrimitives.WriteInt32LittleEndian(bytes.AsSpan(12), row);
            keys[row] = new Guid(bytes, bigEndian: true).ToString();
        }

        Array.Sort(keys, StringComparer.Ordinal);
        return keys;
    }

    private static void Append(StringBuilder json, string key, int row)
    {
        var updated = new DateTime(2026, 1, 1, 0, 0, 0, DateTimeKind.Utc).AddMicroseconds(row * 1_234_567L)
            .ToString("yyyy-MM-dd'T'HH:mm:ss.FFFFFF'+00:00'", CultureInfo.InvariantCulture);
        json.Append("{\"id\":\"").Append(key)
            .Append("\",\"type\":\"report\",\"name\":\"Artifact number ").Append(row)
            .Append("\",\"content\":\"").Append(Content(row))
            .Append("\",\"metadata\":{\"tags\":[\"a\",\"b\"],\"size\":").Append(row).Append(",\"note\":\"plain\"}")
            .Append(",\"version\":1,\"owner_id\":\"0b5f3f5e-7f1d-4c3c-9d52-6f6a8f0c1d2e\",\"updated_at\":\"").Append(updated)
            .Append("\",\"deleted_at\":null}");
    }

    /// <summary>About 1,000 characters; every tenth row has escapes, as real text does.</summary>
    private static string Content(int row)
    {
        const string Sentence = "The quick brown fox jumps over the lazy dog and runs on. ";
        var text = new StringBuilder(1_050);
        while (text.Length < 1_000)
        {
            text.Append(Sentence).Append(row % 10 == 0 ? "\\n" : " ");
        }

        return text.ToString();
    }
}
