using System.Text;
using Agent.Sync.Sqlite;
using Agent.Sync.Stores;
using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.EntityFrameworkCore.Tests;

/// <summary>What EF Core writes, and what the store writes for the server's texts, are the same values in SQLite, byte by byte.</summary>
public sealed class ValueFormTests : FileTest
{
    private const string Key = "0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01";

    private const string Written = """
        {"id":"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01","name":"é \"q\"","letter":"x","flag":true,"tiny":255,"small":-7,"number":42,"big":9007199254740993,"single":0.5,"ratio":0.1,"price":12.5,"whole":3.0,
        "due_at":"2026-01-01T12:34:56.123456+00:00","seen":"2026-01-01T10:00:00.25","day":"2026-02-28","hour":"12:34:56.5","full_hour":"12:00:00","image":"\\x01ff","state":"InReview","rank":1,
        "tags":["a","b"],"counts":[1,2],"other":"1b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b02","address":{"City":"Oslo"}
        """;

    private static Kinds Row => new()
    {
        Id = Guid.Parse(Key),
        Name = "é \"q\"",
        Letter = 'x',
        Flag = true,
        Tiny = 255,
        Small = -7,
        Number = 42,
        Big = 9_007_199_254_740_993,
        Single = 0.5f,
        Ratio = 0.1,
        Price = 12.50m,
        Whole = 3m,
        DueAt = new DateTimeOffset(2026, 1, 1, 12, 34, 56, TimeSpan.Zero).AddTicks(1_234_560),
        Seen = new DateTime(2026, 1, 1, 10, 0, 0, 250),
        Day = new DateOnly(2026, 2, 28),
        Hour = new TimeOnly(12, 34, 56, 500),
        FullHour = new TimeOnly(12, 0),
        Image = [1, 0xff],
        State = State.InReview,
        Rank = State.InReview,
        Tags = ["a", "b"],
        Counts = [1, 2],
        Other = Guid.Parse("1b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b02"),
        Address = new Address { City = "Oslo" },
        UpdatedAt = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero),
        Version = 7,
    };

    [Fact]
    public async Task Store_OfTheSameValues_WritesWhatEntityFrameworkWrites()
    {
        await WriteAsync(FilePath);
        using (var context = new KindsContext(PathOf("other.db")))
        {
            await context.Database.EnsureCreatedAsync(Token);
        }

        await using (var store = new SqliteStore(PathOf("other.db")))
        {
            await ApplyAsync(store);
        }

        Assert.Equal(Literals(FilePath, "Kinds"), Literals(PathOf("other.db"), "Kinds"));
    }

    [Fact]
    public async Task TakeAsync_OfARowOfEntityFramework_SendsTheServersTexts()
    {
        var dataset = await WriteAsync(FilePath);
        Execute(FilePath, "UPDATE Kinds SET Version = 0, UpdatedAt = '0001-01-01 00:00:00+00:00'");
        await using var store = new SqliteStore(FilePath);
        await store.PrepareAsync(dataset, Token);

        using var batch = await store.TakeAsync(new TakeRequest(dataset, ChangePart.Writes, 0, 10, 1_000_000, WholeRows: false, Lease: null), Token);

        using var sent = System.Text.Json.JsonDocument.Parse(batch.Changes.Span[0].Row);
        using var expected = System.Text.Json.JsonDocument.Parse(Written + "}");
        Assert.True(System.Text.Json.JsonElement.DeepEquals(expected.RootElement, sent.RootElement), Encoding.UTF8.GetString(batch.Changes.Span[0].Row.Span));
    }

    [Fact]
    public async Task Find_OfARowOfTheStore_ReadsEveryValue()
    {
        using (var context = new KindsContext(FilePath))
        {
            await context.Database.EnsureCreatedAsync(Token);
        }

        await using (var store = new SqliteStore(FilePath))
        {
            await ApplyAsync(store);
        }

        using var reader = new KindsContext(FilePath);
        var (found, row) = (await reader.Kinds.FindAsync([Guid.Parse(Key)], Token), Row);

        Assert.NotNull(found);
        Assert.Equivalent(row, found, strict: true);
        Assert.Equal(1, await reader.Kinds.CountAsync(
            kinds => kinds.Other == row.Other && kinds.Price == row.Price && kinds.DueAt == row.DueAt && kinds.Seen == row.Seen && kinds.Day == row.Day && kinds.Hour == row.Hour && kinds.FullHour == row.FullHour
                && kinds.State == State.InReview && kinds.Rank == State.InReview && kinds.Tags.Contains("b") && kinds.Address.City == "Oslo" && kinds.Letter == 'x', Token));
    }

    [Fact]
    public async Task Where_DateTimeOverATimestamptz_FindsNothing()
    {
        // Why a DateTime cannot be a timestamptz: EF Core writes and looks for it without an offset.
        using var context = new TimesContext(FilePath);
        await context.Database.EnsureCreatedAsync(Token);
        Execute(FilePath, "INSERT INTO Times (Id, At) VALUES (1, '2026-01-01 12:00:00+00:00')");
        var at = new DateTime(2026, 1, 1, 12, 0, 0, DateTimeKind.Utc);

        Assert.Equal(0, await context.Times.CountAsync(row => row.At == at, Token));
    }

    private static async Task<Dataset> WriteAsync(string file)
    {
        using var context = new KindsContext(file);
        await context.Database.EnsureCreatedAsync(Token);
        context.Kinds.Add(Row);
        await context.SaveChangesAsync(Token);
        return Assert.Single(ModelDatasets.Read(context.Model));
    }

    private static async Task ApplyAsync(SqliteStore store)
    {
        using var context = new KindsContext("unused.db");
        var dataset = Assert.Single(ModelDatasets.Read(context.Model));
        await store.PrepareAsync(dataset, Token);
        using var page = Page.Parse(dataset, Encoding.UTF8.GetBytes($$"""[{{Written}},"nothing":null,"updated_at":"2026-01-01T00:00:00+00:00","version":7}]"""));
        await store.ApplyAsync(new ApplyBatch(dataset, [page], null, null), Token);
    }
}
