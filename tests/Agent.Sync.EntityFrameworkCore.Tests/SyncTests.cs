using Agent.Sync.Sqlite;
using Agent.Sync.Testing;
using Microsoft.EntityFrameworkCore;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Options;

namespace Agent.Sync.EntityFrameworkCore.Tests;

public sealed class SyncTests : FileTest
{
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_EditsOfTwoContexts_ReachTheServerAndEachOther(bool withKit)
    {
        using var server = ServerOf(withKit);
        var (one, two) = (PathOf("one.db"), PathOf("two.db"));
        await CreateAsync(one);
        await CreateAsync(two);
        await SyncAsync(server, one);
        await SyncAsync(server, two);
        var due = new DateTimeOffset(2026, 3, 4, 5, 6, 7, TimeSpan.FromHours(2));
        Guid id, gone;
        using (var context = new MemosContext(one))
        {
            var folder = new Folder { Title = "Inbox" };
            folder.Memos.Add(new Memo { Title = "first", DueAt = due });
            folder.Memos.Add(new Memo { Title = "second" });
            context.Add(folder);
            await context.SaveChangesAsync(Token);
            (id, gone) = (folder.Memos[0].Id, folder.Memos[1].Id);
        }

        await SyncAsync(server, one);
        await SyncAsync(server, two);
        using (var context = new MemosContext(two))
        {
            var memo = await context.Memos.Include(static memo => memo.Folder).SingleAsync(memo => memo.Id == id, Token);
            Assert.Equal(("Inbox", "first", due), (memo.Folder.Title, memo.Title, memo.DueAt));
            memo.Title = "edited";
            context.Remove(await context.Memos.FindAsync([gone], Token) ?? throw new InvalidOperationException("The second memo is missing."));
            await context.SaveChangesAsync(Token);
        }

        await SyncAsync(server, two);
        await SyncAsync(server, one);
        using (var context = new MemosContext(one))
        {
            Assert.Equal("edited", Assert.Single(await context.Memos.ToListAsync(Token)).Title);
        }

        var living = server.AllRows("memos").Where(static row => row.Contains("\"deleted_at\":null", StringComparison.Ordinal));
        Assert.Contains("edited", Assert.Single(living), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task SyncAsync_RowsFromBeforeTheFirstRun_GoUp(bool withKit)
    {
        using var server = ServerOf(withKit);
        await CreateAsync(FilePath);
        using (var context = new MemosContext(FilePath))
        {
            context.Add(new Memo { Title = "offline", Folder = new Folder { Title = "Inbox" } });
            await context.SaveChangesAsync(Token);
        }

        await SyncAsync(server, FilePath);
        await SyncAsync(server, FilePath);

        Assert.Contains("offline", Assert.Single(server.AllRows("memos")), StringComparison.Ordinal);
    }

    [Fact]
    public async Task SaveChangesAsync_OverARowThatAPullReplaced_IsAConcurrencyConflictOfEntityFramework()
    {
        using var server = ServerOf(withKit: false);
        await CreateAsync(FilePath);
        await SyncAsync(server, FilePath);
        using (var context = new MemosContext(FilePath))
        {
            context.Add(new Memo { Title = "first", Folder = new Folder() });
            await context.SaveChangesAsync(Token);
        }

        await SyncAsync(server, FilePath);
        using var edited = new MemosContext(FilePath);
        var memo = await edited.Memos.SingleAsync(Token);
        server.Change("memos", memo.Id, """{"title":"theirs"}""");
        await SyncAsync(server, FilePath);
        memo.Title = "mine";

        await Assert.ThrowsAsync<DbUpdateConcurrencyException>(() => edited.SaveChangesAsync(Token));
    }

    [Fact]
    public async Task AddDatasetsFrom_AContextOfTheContainer_ReadsItsModel()
    {
        var services = new ServiceCollection();
        services.AddDbContext<MemosContext>();
        services.AddSingleton("unused.db");
        services.AddAgentSync().Configure(static options =>
        {
            options.Url = PostgrestDouble.Url;
            options.ApiKey = PostgrestDouble.ApiKey;
            options.AccessTokenProvider = static (_, _) => new((AccessToken?)null);
        }).UseSqlite(FilePath).AddDatasetsFrom<MemosContext>(static (entity, dataset) => dataset.OnConflict(ConflictPolicy.LocalWins));
        await using var provider = services.BuildServiceProvider();

        var options = provider.GetRequiredService<IOptionsMonitor<SyncOptions>>().CurrentValue;

        Assert.Equal(["folders", "memos"], options.Datasets.Select(static dataset => dataset.Name));
        Assert.All(options.Datasets, static dataset => Assert.Equal(ConflictPolicy.LocalWins, dataset.ConflictPolicy));
    }

    [Fact]
    public void AddDatasetsFrom_AContextWithoutAContainer_SaysWhatToCall()
    {
        var refusal = Assert.Throws<InvalidOperationException>(() => new SyncEngineBuilder().AddDatasetsFrom<MemosContext>());

        Assert.Contains("AddDatasetsFrom(dbContext.Model)", refusal.Message, StringComparison.Ordinal);
    }

    private static ModelServer ServerOf(bool withKit)
    {
        using var context = new MemosContext("unused.db");
        return new ModelServer(ModelDatasets.Read(context.Model), withKit);
    }

    private static async Task CreateAsync(string file)
    {
        using var context = new MemosContext(file);
        await context.Database.EnsureCreatedAsync(Token);
    }

    private static async Task SyncAsync(ModelServer server, string file)
    {
        using var context = new MemosContext(file);
        await using var engine = EngineOf(server.Double, file, builder => builder.AddDatasetsFrom(context.Model));
        (await engine.SyncAsync(cancellationToken: Token)).EnsureCompleted();
    }
}
