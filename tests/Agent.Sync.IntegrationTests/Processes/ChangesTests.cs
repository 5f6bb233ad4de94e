using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>agent-sync changes: what waits in the file.</summary>
public sealed class ChangesTests(BackendFixture backends)
{
    private const string Secret = "a name that nobody asked for";

    [Fact]
    public async Task Changes_EditsThatWait_AreListedWithoutValuesUnlessAskedFor()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpWithRowsAsync(20));
        (await console.PullAsync(100)).AssertExitCode(0);
        var before = await LocalRows.ScalarAsync(console.Database, "select name from artifacts where size = 37");
        var key = (string)(await LocalRows.ScalarAsync(console.Database, "select id from artifacts where size = 37"))!;
        await LocalEdits.RunAsync(console.Database, $"update artifacts set name = '{Secret}' where size = 37; delete from artifacts where size = 37 * 2; update projects set name = 'another'");

        var list = (await console.RunOnFileAsync("changes", "--dataset", "artifacts")).AssertExitCode(0);
        var words = (await console.RunAsync("changes", "--database", console.Database)).AssertExitCode(0);
        var values = (await console.RunOnFileAsync("changes", "--values")).AssertExitCode(0);
        (await console.RunOnFileAsync("sync")).AssertExitCode(0);
        var after = (await console.RunOnFileAsync("changes")).AssertExitCode(0);

        Assert.Equal(["Delete", "Update"], Changes(list).Select(static change => change.GetProperty("kind").GetString()!).Order(StringComparer.Ordinal));
        Assert.All(Changes(list), static change => Assert.Equal("Waiting", change.GetProperty("state").GetString()));
        Assert.Equal(2, SampleConsole.Find(list, "changes")!.Value.GetProperty("count").GetInt32());
        Assert.DoesNotContain(Secret, list.Out + words.Out, StringComparison.Ordinal);
        Assert.Contains(key, words.Out, StringComparison.OrdinalIgnoreCase);
        var update = Changes(values).Single(static change => change.GetProperty("dataset").GetString() == "artifacts" && change.GetProperty("kind").GetString() == "Update");
        Assert.Equal(Secret, update.GetProperty("local").GetProperty("name").GetString());
        Assert.Equal(before, update.GetProperty("server").GetProperty("name").GetString());
        Assert.False(Changes(values).Single(static change => change.GetProperty("kind").GetString() == "Delete").TryGetProperty("local", out _));
        Assert.Equal(0, SampleConsole.Find(after, "changes")!.Value.GetProperty("count").GetInt32());
    }

    [Fact]
    public async Task Changes_DatasetThatIsNotThere_NamesThoseThatAre()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpWithRowsAsync(1));
        (await console.PullAsync(100)).AssertExitCode(0);

        var end = (await console.RunOnFileAsync("changes", "--dataset", "artefacts")).AssertExitCode(2);

        Assert.Contains("projects, artifacts", SampleConsole.Find(end, "failed")!.Value.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
    }

    private static JsonElement[] Changes(ProcessEnd end) =>
    [
        .. end.Out.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(static line => JsonElement.Parse(line)).Where(static line => line.GetProperty("event").GetString() == "change"),
    ];
}
