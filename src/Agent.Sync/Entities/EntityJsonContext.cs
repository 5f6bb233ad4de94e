using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;

namespace Agent.Sync.Entities;

/// <summary>What the arrays of PostgreSQL are read and written with.</summary>
[JsonSerializable(typeof(string[]))]
[JsonSerializable(typeof(short[]))]
[JsonSerializable(typeof(int[]))]
[JsonSerializable(typeof(long[]))]
[JsonSerializable(typeof(double[]))]
[JsonSerializable(typeof(decimal[]))]
[JsonSerializable(typeof(bool[]))]
[JsonSerializable(typeof(Guid[]))]
internal sealed partial class EntityJsonContext : JsonSerializerContext
{
    public static JsonTypeInfo<T> Require<T>(JsonTypeInfo? typeInfo) =>
        (typeInfo ?? Default.GetTypeInfo(typeof(T))) as JsonTypeInfo<T>
        ?? throw new InvalidOperationException($"The serializer context lacks {typeof(T)}: add [JsonSerializable(typeof({typeof(T).Name}))] to it.");
}
