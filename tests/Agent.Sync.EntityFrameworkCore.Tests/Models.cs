namespace Agent.Sync.EntityFrameworkCore.Tests;

internal class Folder
{
    public Guid Id { get; set; }

    public string Title { get; set; } = "";

    public Guid? ParentId { get; set; }

    public Folder? Parent { get; set; }

    public List<Memo> Memos { get; } = [];

    public DateTimeOffset UpdatedAt { get; set; }
}

internal sealed class SharedFolder : Folder
{
    public string? SharedWith { get; set; }
}

internal sealed class Memo
{
    public Guid Id { get; set; }

    public Guid FolderId { get; set; }

    public Folder Folder { get; set; } = null!;

    public string? Title { get; set; }

    public DateTimeOffset? DueAt { get; set; }

    public long Version { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public DateTimeOffset? DeletedAt { get; set; }
}

/// <summary>An entity of the source generator that is one of EF Core too.</summary>
[SyncTable("marked_rows", Schema = "app", Dataset = "marked")]
internal sealed partial class Marked
{
    [SyncVersion]
    public long Revision { get; set; }

    [SyncKey]
    public Guid Id { get; set; }

    [SyncColumn("given_name")]
    public string Name { get; set; } = "";

    [SyncColumn(ServerOwned = true)]
    public string? Slug { get; set; }

    [SyncJson]
    public string? Document { get; set; }

    [SyncUpdatedAt]
    public DateTimeOffset Changed { get; set; }

    [SyncDeletedAt(DeleteHandling.Mark)]
    public DateTimeOffset? Gone { get; set; }

    [SyncIgnore]
    public string? Draft { get; set; }
}

internal sealed class Pair
{
    public string Tenant { get; set; } = "";

    public int Number { get; set; }

    public Address Address { get; set; } = new();

    public DateTimeOffset ChangedAt { get; set; }

    public string? Total { get; set; }

    public string? Secret { get; set; }

    public string? Settings { get; set; }

    public string? Slug { get; set; }

    public int Counter { get; set; }
}

internal sealed class Odd
{
    public Guid Id { get; set; }

    public DateTimeOffset At { get; set; }

    public DateTime Local { get; set; }

    public decimal Amount { get; set; }

    public TimeSpan Duration { get; set; }

    public string Text { get; set; } = "";

    public DateTimeOffset UpdatedAt { get; set; }
}
