using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Agent.Sync;

/// <summary>Reads a row's JSON as an object of the app's.</summary>
internal static class RowJson
{
    public static T? Read<T>(ReadOnlyMemory<byte> row, JsonTypeInfo<T> typeInfo)
        where T : class => row.IsEmpty ? null : JsonSerializer.Deserialize(row.Span, typeInfo);

    public static JsonTypeInfo<T> TypeInfoOf<T>(JsonSerializerOptions options)
    {
        ArgumentNullException.ThrowIfNull(options);
        return (JsonTypeInfo<T>)options.GetTypeInfo(typeof(T));
    }
}
