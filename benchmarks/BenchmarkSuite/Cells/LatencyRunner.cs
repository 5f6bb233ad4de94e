using BenchmarkSuite.Measuring;
using BenchmarkSuite.Peers;
using BenchmarkSuite.Results;

namespace BenchmarkSuite.Cells;

/// <summary>A full pull over distances, through a relay that holds each request for a while.</summary>
internal sealed class LatencyRunner(Server server, string folder)
{
    private static readonly int[] Distances = [0, 5, 30, 100];
    private static readonly int[] PageSizes = [1_000, 100];

    public async Task<IReadOnlyList<LatencySample>> RunAsync(Peer peer)
    {
        List<LatencySample> samples = [];
        foreach (var milliseconds in Distances)
        {
            await using Relay relay = new(server.Url.Port, TimeSpan.FromMilliseconds(milliseconds));
            var url = new UriBuilder(server.Url) { Port = relay.Port }.Uri;
            foreach (var pageSize in PageSizes)
            {
                ChildUsage.FlushDisks();
                await using var store = peer.Open(server, url, server.DatabaseUrl, Directory.CreateDirectory(Path.Combine(folder, Guid.NewGuid().ToString("N"))).FullName);
                samples.Add(new LatencySample(peer.Id, milliseconds, pageSize, Math.Round((await store.PullAsync(pageSize)).Wall.TotalSeconds, 3)));
            }
        }

        return samples;
    }
}
