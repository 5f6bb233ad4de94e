using Agent.Sync.Stores;
using Agent.Sync.Testing.Local;

namespace Agent.Sync.Sqlite.Tests.Outbox;

/// <summary>SQLite takes TRUE and FALSE for columns where a table has such: no statement of the store may use the words.</summary>
public sealed class ColumnNameTests : OutboxTest
{
    private static readonly Dataset Words = Dataset.Define("words").Key("true", ColumnType.Text).Column("false", ColumnType.Text).UpdatedAt("updated_at").Build();

    [Fact]
    public async Task ListChanges_OfAColumnNamedTrue_NamesTheChange()
    {
        await StartAsync(Words);

        Execute("""INSERT INTO words ("true", "false") VALUES ('no number', 'x')""");

        Assert.Equal(["""{"true":"no number"}"""], (await Store.ListChangesAsync(Words, null, 0, 10, Token)).Select(static change => change.Key));
    }

    [Fact]
    public async Task SwapGeneration_OfAColumnNamedTrue_RemovesWhatIsGone()
    {
        await StartAsync(Words, """{"true":"no number","false":"x","updated_at":"2026-01-01T00:00:00+00:00"}""");

        await Store.SwapGenerationAsync(new GenerationSwap(Words, 1, 1, null), Token);

        Assert.Equal(0L, Scalar("SELECT count(*) FROM words"));
    }
}
