using System.Globalization;
using System.Net;
using BackendHost;
using Peers;

namespace Agent.Sync.Benchmarks.EndToEnd;

/// <summary>The local backend: the real pull against a bare HTTP loop that asks for the same pages and stores nothing.</summary>
internal static class BackendRun
{
    public static async Task RunAsync(int rows, int pageSize, int rounds, Func<string> newFile)
    {
        await using var backend = await LocalBackendHost.StartAsync();
        var seed = new SeedOptions { Rows = rows };
        var seeded = await backend.SeedAsync(seed);
        using var session = new SupabaseSession(new SupabaseSessionOptions { Url = backend.Url, ApiKey = backend.PublishableKey, AllowInsecureLoopback = true });
        await session.SignInAsync(seeded.Users[0].Email, seed.Password);
        using var connection = new PullConnection(backend.Url, pageSize)
        {
            ApiKey = backend.PublishableKey,
            SqlKit = SqlKitMode.Detect,
            Token = session.GetAccessTokenAsync,
        };
        var token = (await session.GetAccessTokenAsync(null))!.Value;
        var measured = new List<Measurement>();
        for (var round = 0; round < rounds; round++)
        {
            measured.Add(await Measurement.TakeAsync("bare HTTP loop", () => LoopAsync(backend, token, pageSize)));
            measured.Add(await Measurement.TakeAsync("Agent.Sync pull", async () => (await connection.PullAsync(newFile())).Applied));
        }

        Console.WriteLine($"local backend on {backend.Mode}");
        EndToEndCommand.Report(measured, "bare");
    }

    private static async Task<long> LoopAsync(LocalBackendHost backend, string token, int pageSize)
    {
        using var client = new HttpClient(new SocketsHttpHandler { AutomaticDecompression = DecompressionMethods.All }) { BaseAddress = backend.Url };
        client.DefaultRequestHeaders.Add("apikey", backend.PublishableKey);
        client.DefaultRequestHeaders.Authorization = new("Bearer", token);
        var columns = string.Join(',', SampleRows.Dataset.Columns.Select(static column => column.Name));
        var buffer = new byte[128 * 1024];
        var body = new MemoryStream();
        long rows = 0;
        var after = string.Empty;
        while (true)
        {
            var query = string.Create(CultureInfo.InvariantCulture, $"/rest/v1/artifacts?select={columns}&order=id.asc&limit={pageSize}{after}");
            using var response = await client.GetAsync(new Uri(query, UriKind.Relative), HttpCompletionOption.ResponseHeadersRead);
            await using var stream = await response.EnsureSuccessStatusCode().Content.ReadAsStreamAsync();
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
