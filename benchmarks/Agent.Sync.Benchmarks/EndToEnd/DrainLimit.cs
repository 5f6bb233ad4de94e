using System.Globalization;
using System.Net;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>The bare HTTP loop on the same pages: reads every body to nothing, parses and stores nothing.</summary>
internal static class DrainLimit
{
    public static async Task<long> RunAsync(Uri url, IReadOnlyList<SamplePage> pages)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = url };
        var buffer = new byte[128 * 1024];
        long rows = 0;
        var after = string.Empty;
        foreach (var page in pages)
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"/rest/v1/artifacts?select=id&order=id.asc&limit={page.Rows}{after}");
            using var response = await client.GetAsync(new Uri(query, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            await using var body = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
            while (await body.ReadAsync(buffer) > 0)
            {
                // Draining is the work.
            }

            rows += page.Rows;
            after = "&id=gt." + page.LastKey;
        }

        return rows;
    }
}
