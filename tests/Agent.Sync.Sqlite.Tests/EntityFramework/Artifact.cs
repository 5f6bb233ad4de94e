namespace Agent.Sync.Sqlite.Tests.EntityFramework;

public sealed class Artifact
{
    public Guid Id { get; set; }

    public string? Title { get; set; }

    public long Size { get; set; }

    public bool IsPublic { get; set; }

    public double Score { get; set; }

    public decimal Price { get; set; }

    public string? Metadata { get; set; }

    public byte[]? Digest { get; set; }

    public DateOnly Day { get; set; }

    public TimeOnly Hour { get; set; }

    public DateTime LocalTime { get; set; }

    public DateTimeOffset UpdatedAt { get; set; }

    public int Stars { get; set; }
}
