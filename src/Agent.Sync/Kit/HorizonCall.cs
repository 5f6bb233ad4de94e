using System.Buffers;
using System.Text.Json;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Kit;

/// <summary>The request for the horizon.</summary>
internal static class HorizonCall
{
    public const string Schema = "agent_sync";

    public static ApiCall Horizon(IEnumerable<Dataset> datasets)
    {
        var body = new ArrayBufferWriter<byte>();
        using (var json = new Utf8JsonWriter(body))
        {
            json.WriteStartObject();
            json.WriteStartObject("request");
            json.WriteStartArray("tables");
            foreach (var table in datasets.Select(NameOf).Distinct(StringComparer.Ordinal))
            {
                json.WriteStringValue(table);
            }

            json.WriteEndArray();
            json.WriteEndObject();
            json.WriteEndObject();
        }

        return new ApiCall { Method = HttpMethod.Post, PathAndQuery = "rpc/horizon", Schema = Schema, Body = body.WrittenMemory, MayBeMissing = true };
    }

    /// <summary>Returns the name under which the kit knows a dataset's table.</summary>
    public static string NameOf(Dataset dataset) => $"{dataset.Schema}.{dataset.RemoteTable}";
}
