using Agent.Sync.Local;

namespace Agent.Sync.Sqlite.Tests;

public sealed class ApplyTests : StoreTest
{
    [Fact]
    public async Task Apply_NewRows_CountsThemApplied()
    {
        var result = await StartAsync(Notes, Note(1, "a"), Note(2, "b"));

        Assert.Equal(new ApplyResult(2, 0, 0), result);
        Assert.Equal("b", BodyOf(2));
    }

    [Fact]
    public async Task Apply_SamePageTwice_ChangesNothing()
    {
        await StartAsync(Notes, Note(1, "a"));

        var result = await ApplyAsync(Notes, Note(1, "changed without a new version"));

        Assert.Equal(new ApplyResult(0, 1, 0), result);
        Assert.Equal("a", BodyOf(1));
    }
}
