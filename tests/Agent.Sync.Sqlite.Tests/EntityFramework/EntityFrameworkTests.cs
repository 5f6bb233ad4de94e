using Microsoft.EntityFrameworkCore;

namespace Agent.Sync.Sqlite.Tests.EntityFramework;

public sealed class EntityFrameworkTests : StoreTest
{
    private const string Row =
        """
        {"Id":"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01","Title":"é","Size":9007199254740993,"IsPublic":true,"Score":0.1,"Price":12.50,
         "Metadata":{"a": 1.10},"Digest":"\\x01ff","Day":"2026-02-28","Hour":"12:34:56.5","LocalTime":"2026-01-01T10:00:00.25",
         "UpdatedAt":"2026-01-01T12:34:56.123456+00:00"}
        """;

    private static readonly Guid Id = Guid.Parse("0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01");

    private static readonly Dataset Artifacts = Dataset.Define("artifacts").Key("Id", ColumnType.Uuid).Column("Title", ColumnType.Text)
        .Column("Size", ColumnType.Integer).Column("IsPublic", ColumnType.Boolean).Column("Score", ColumnType.Double)
        .Column("Price", ColumnType.Numeric).Column("Metadata", ColumnType.Json).Column("Digest", ColumnType.Bytes)
        .Column("Day", ColumnType.Date).Column("Hour", ColumnType.Time).Column("LocalTime", ColumnType.Timestamp).UpdatedAt("UpdatedAt").Build();

    [Theory]
    [InlineData(SqliteUuidFormat.Text)]
    [InlineData(SqliteUuidFormat.Blob)]
    public async Task Find_RowOfTheServer_HasEveryValue(SqliteUuidFormat format)
    {
        using var context = await SyncedAsync(format);

        var artifact = await context.Artifacts.FindAsync([Id], Token);

        Assert.NotNull(artifact);
        Assert.Equal(("é", 9_007_199_254_740_993, true, 0.1, 12.5m), (artifact.Title, artifact.Size, artifact.IsPublic, artifact.Score, artifact.Price));
        Assert.Equal(("""{"a": 1.10}""", new DateOnly(2026, 2, 28), new TimeOnly(12, 34, 56, 500)), (artifact.Metadata, artifact.Day, artifact.Hour));
        Assert.Equal(new byte[] { 1, 0xff }, artifact.Digest);
        Assert.Equal(new DateTime(2026, 1, 1, 10, 0, 0, 250), artifact.LocalTime);
        Assert.Equal(UpdatedAt, artifact.UpdatedAt);
        Assert.Equal(0, artifact.Stars);
    }

    [Theory]
    [InlineData(SqliteUuidFormat.Text)]
    [InlineData(SqliteUuidFormat.Blob)]
    public async Task Where_ByEachType_FindsTheRow(SqliteUuidFormat format)
    {
        using var context = await SyncedAsync(format);
        var (id, price, isPublic, day, hour) = (Id, 12.5m, true, new DateOnly(2026, 2, 28), new TimeOnly(12, 34, 56, 500));
        var (digest, score, at, local) = (new byte[] { 1, 0xff }, 0.1, UpdatedAt, new DateTime(2026, 1, 1, 10, 0, 0, 250));

        Assert.Equal(1, await context.Artifacts.CountAsync(row => row.Id == id, Token));
        Assert.Equal(1, await context.Artifacts.CountAsync(row => row.Price == price, Token));
        Assert.Equal(1, await context.Artifacts.CountAsync(row => row.IsPublic == isPublic, Token));
        Assert.Equal(1, await context.Artifacts.CountAsync(row => row.Day == day && row.Hour == hour, Token));
        Assert.Equal(1, await context.Artifacts.CountAsync(row => row.Digest == digest && row.Score == score, Token));
        Assert.Equal(1, await context.Artifacts.CountAsync(row => row.UpdatedAt == at, Token));
        Assert.Equal(1, await context.Artifacts.CountAsync(row => row.LocalTime == local, Token));
    }

    [Fact]
    public async Task Apply_OverARowThatEfWrote_UpdatesItAndKeepsTheAppsColumn()
    {
        using var context = new AppContext(FilePath, blobKeys: false);
        await context.Database.EnsureCreatedAsync(Token);
        context.Artifacts.Add(new Artifact { Id = Id, Title = "local", Stars = 5, UpdatedAt = UpdatedAt.AddTicks(-10) });
        await context.SaveChangesAsync(Token);

        var result = await StartAsync(Artifacts, Row);

        context.ChangeTracker.Clear();
        var artifact = await context.Artifacts.SingleAsync(Token);
        Assert.Equal((1L, "é", 5), (result.Applied, artifact.Title, artifact.Stars));
    }

    [Fact]
    public async Task Apply_OfTheInstantThatEfWrote_LeavesTheRow()
    {
        using var context = new AppContext(FilePath, blobKeys: false);
        await context.Database.EnsureCreatedAsync(Token);
        context.Artifacts.Add(new Artifact { Id = Id, Title = "local", UpdatedAt = UpdatedAt });
        await context.SaveChangesAsync(Token);

        var result = await StartAsync(Artifacts, Row);

        Assert.Equal(1, result.Unchanged);
    }

    private static DateTimeOffset UpdatedAt => new DateTimeOffset(2026, 1, 1, 12, 34, 56, TimeSpan.Zero).AddTicks(1_234_560);

    private async Task<AppContext> SyncedAsync(SqliteUuidFormat format)
    {
        var context = new AppContext(FilePath, format == SqliteUuidFormat.Blob);
        await context.Database.EnsureCreatedAsync(Token);
        using var store = OpenStore(options => options.UuidFormat = format);
        await store.PrepareAsync(Artifacts, Token);
        await ApplyAsync(store, Artifacts, null, Row);
        return context;
    }
}
