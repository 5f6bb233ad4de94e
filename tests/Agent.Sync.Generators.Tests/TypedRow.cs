using System.Text.Json;
using System.Text.Json.Serialization;

namespace Agent.Sync.Generators.Tests;

public enum ArtifactState
{
    Draft,
    InReview,
    [JsonStringEnumMemberName("DONE")]
    Done,
}

public sealed record Author(string Name, int Age);

[JsonSerializable(typeof(Author))]
internal sealed partial class TypedRowJsonContext : JsonSerializerContext;

/// <summary>One property of every type that a column can be.</summary>
[SyncTable("typed_rows", Schema = "public")]
public sealed partial record TypedRow
{
    public required string Name { get; init; }

    [SyncKey]
    public required Guid Id { get; init; }

    public string? Note { get; init; }

    public ArtifactState State { get; init; }

    public ArtifactState? FormerState { get; init; }

    public short Rank { get; init; }

    public int? Stars { get; init; }

    public long Size { get; init; }

    public double Score { get; init; }

    public decimal Price { get; init; }

    public bool IsPublic { get; init; }

    public bool? Checked { get; init; }

    public DateTimeOffset? DueAt { get; init; }

    public DateTime Seen { get; init; }

    [SyncColumn(Type = ColumnType.Timestamptz)]
    public DateTime Opened { get; init; }

    public DateOnly Day { get; init; }

    public TimeOnly? Hour { get; init; }

    public byte[]? Image { get; init; }

    public string[] Tags { get; init; } = [];

    public int[]? Counts { get; init; }

    public JsonElement Metadata { get; init; }

    [SyncJson]
    public string? Raw { get; init; }

    [SyncJson(typeof(TypedRowJsonContext))]
    public Author? Author { get; init; }

    [SyncColumn("exact_amount", Type = ColumnType.Numeric, Local = "ExactAmount")]
    public string? Amount { get; init; }

    [SyncColumn(ServerOwned = true)]
    public string? Slug { get; init; }

    [SyncVersion]
    public long Version { get; init; }

    [SyncUpdatedAt]
    public DateTimeOffset UpdatedAt { get; init; }

    [SyncDeletedAt]
    public DateTimeOffset? DeletedAt { get; init; }

    [SyncIgnore]
    public bool IsSelected { get; set; }

    public string Title => $"{Name} ({State})";
}
