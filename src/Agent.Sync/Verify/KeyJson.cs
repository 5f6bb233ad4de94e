using System.Text;

namespace Agent.Sync.Verify;

/// <summary>Writes keys as JSON.</summary>
internal static class KeyJson
{
    /// <summary>Returns the key of a page's row as a JSON object, in the server's own text.</summary>
    public static byte[] Of(Page page, int row)
    {
        using var json = new MemoryStream();
        for (var part = 0; part < page.Dataset.KeyOrdinals.Count; part++)
        {
            // Names are identifiers, and a cell's text still has its escapes: nothing here needs to be escaped.
            var ordinal = page.Dataset.KeyOrdinals[part];
            var cell = page.GetCell(row, ordinal);
            var quote = cell.Kind is PageCellKind.String or PageCellKind.EscapedString ? "\""u8 : default;
            json.Write(part == 0 ? "{\""u8 : ",\""u8);
            json.Write(Encoding.UTF8.GetBytes(page.Dataset.Columns[ordinal].Name));
            json.Write("\":"u8);
            json.Write(quote);
            json.Write(cell.Utf8);
            json.Write(quote);
        }

        json.Write("}"u8);
        return json.ToArray();
    }

    /// <summary>Returns rows as a page.</summary>
    /// <param name="dataset">The dataset of its columns.</param>
    /// <param name="rows">JSON objects with these columns.</param>
    public static Page ToPage(Dataset dataset, IReadOnlyList<ReadOnlyMemory<byte>> rows)
    {
        using var json = new MemoryStream();
        json.Write("["u8);
        for (var row = 0; row < rows.Count; row++)
        {
            json.Write(row == 0 ? default : ","u8);
            json.Write(rows[row].Span);
        }

        json.Write("]"u8);
        return Page.Parse(dataset, json.GetBuffer().AsSpan(0, (int)json.Length));
    }
}
