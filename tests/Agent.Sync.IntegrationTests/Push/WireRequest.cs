using System.Text.Json;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>A request as it went out.</summary>
/// <param name="Method">The method.</param>
/// <param name="Path">What comes after <c>rest/v1/</c>, without the query.</param>
/// <param name="Query">The query, as it stands in the URL.</param>
/// <param name="Body">The body; empty when there is none.</param>
internal sealed record WireRequest(HttpMethod Method, string Path, string Query, byte[] Body)
{
    /// <summary>Gets whether it may write rows.</summary>
    public bool IsWrite => Method != HttpMethod.Get && Method != HttpMethod.Head && Path != "rpc/horizon";

    /// <summary>Gets the number of local changes it carries.</summary>
    public int Changes { get; } = CountChanges(Method, Path, Body);

    private static int CountChanges(HttpMethod method, string path, byte[] body)
    {
        if (path == "rpc/push")
        {
            using var batch = JsonDocument.Parse(body);
            return batch.RootElement.GetProperty("batch").GetProperty("groups").EnumerateArray().Sum(
                static group => group.GetProperty("changes").GetArrayLength());
        }

        if (method == HttpMethod.Patch || method == HttpMethod.Delete)
        {
            return 1;
        }

        if (method != HttpMethod.Post || path.StartsWith("rpc/", StringComparison.Ordinal))
        {
            return 0;
        }

        using var rows = JsonDocument.Parse(body);
        return rows.RootElement.GetArrayLength();
    }
}
