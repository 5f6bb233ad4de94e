using System.Text.Json.Serialization;

namespace Agent.Sync;

/// <summary>One column of a <see cref="Dataset"/>.</summary>
/// <param name="Name">The column's name, on the server and in the local table.</param>
/// <param name="Type">How PostgREST formats the column and how the local store keeps it.</param>
public sealed record DatasetColumn([property: JsonPropertyName("Name")] string Name, [property: JsonPropertyName("Type")] ColumnType Type);
