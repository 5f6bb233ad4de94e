namespace Agent.Sync.EntityFrameworkCore.Tests;

/// <summary>An entity with every type that EF Core's SQLite provider keeps and a dataset has.</summary>
public sealed class Kinds
{
    public Guid Id { get; set; }

    public string Name { get; set; } = "";

    public string? Nothing { get; set; }

    public char Letter { get; set; }

    public bool Flag { get; set; }

    public byte Tiny { get; set; }

    public short Small { get; set; }

    public int? Number { get; set; }

    public long Big { get; set; }

    public float Single { get; set; }

    public double Ratio { get; set; }

    public decimal Price { get; set; }

    public decimal Whole { get; set; }

    public DateTimeOffset DueAt { get; set; }

    public DateTime Seen { get; set; }

    public DateOnly Day { get; set; }

    public TimeOnly Hour { get; set; }

    public TimeOnly FullHour { get; set; }

    public byte[] Image { get; set; } = [];

    public State State { get; set; }

    public State Rank { get; set; }

    public string[] Tags { get; set; } = [];

    public List<int> Counts { get; set; } = [];

    public Guid? Other { get; set; }

    public Address Address { get; set; } = new();

    public DateTimeOffset UpdatedAt { get; set; }

    public long Version { get; set; }
}

public enum State
{
    Draft,
    InReview,
}

public sealed record Address
{
    public string City { get; set; } = "";
}
