using System.Globalization;
using Peers;

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

            if (PageTail.Find(body.GetBuffer().AsSpan(0, (int)body.Length)) is not { } page)
            {
                return rows;
            }

            rows += page.Rows;
            after = "&id=gt." + page.Key;
        }
    }
}
