using System.Globalization;
using System.Text;

namespace DotnetLoop;

/// <summary>The bare loop: asks for the same pages, reads them to their end, and stores nothing.</summary>
internal static class Drain
{
    public static async Task<long> RunAsync(Table table, int pageSize)
    {
        var buffer = new byte[128 * 1024];
        MemoryStream body = new();
        long rows = 0;
        var after = string.Empty;
        while (true)
        {
            await using var stream = await table.OpenAsync(string.Create(CultureInfo.InvariantCulture, $"select={Table.Columns}&order=id.asc&limit={pageSize}{after}"));
            body.SetLength(0);
            for (int read; (read = await stream.ReadAsync(buffer)) > 0;)
            {
                body.Write(buffer, 0, read);
            }

            // Only the last key is looked for, from the end; nothing is parsed.
            var text = body.GetBuffer().AsSpan(0, (int)body.Length);
            var id = text.LastIndexOf("{\"id\":\""u8);
            if (id < 0)
            {
                return rows;
            }

            rows += text.Count("\"owner_id\":"u8);
            after = "&id=gt." + Encoding.ASCII.GetString(text.Slice(id + "{\"id\":\"".Length, 36));
        }
    }
}
