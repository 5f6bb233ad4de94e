using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>What the console does with edits of the file: sent, settled, rejected, and decided about.</summary>
public sealed class ConsoleEditTests(BackendFixture backends)
{
    private const int Rows = 60;

    [Theory]
    [InlineData("Detect", "Exact")]
    [InlineData("Ignore", "Overlap")]
    public async Task Sync_EditsOnBothSides_EndsWithTheSameRows(string kit, string grade)
    {
        using var console = await PulledAsync(kit);
        await LocalEdits.InsertAsync(console.Database, console.User, 3);
        await LocalEdits.RunAsync(console.Database, """
            update artifacts set name = 'renamed here' where size = 37;
            delete from artifacts where size = 37 * 2;
            """);
        await backends.Main.SqlAsync(Own(console, "update public.artifacts set name = 'renamed there'", "size = 37 * 3"));

        var end = (await console.RunOnFileAsync("sync")).AssertExitCode(0);
        var again = (await console.RunOnFileAsync("sync")).AssertExitCode(0);

        var result = Result(end);
        Assert.Equal((5, 0, 0), (Number(result, "pushed"), Number(result, "conflicts"), Number(result, "rejected")));
        Assert.Equal(grade, result.GetProperty("grade").GetString());
        Assert.Equal(5, SampleConsole.PendingAtStart(end));
        Assert.Equal(0, Number(Result(again), "pushed"));
        Assert.Equal(0, SampleConsole.PendingAtStart(again));
        Assert.Equal(1, await ServerCountAsync(console, "name = 'renamed here' and size = 37"));
        Assert.Equal(1, await ServerCountAsync(console, "deleted_at is not null"));
        Assert.Equal(Rows + 2, await LocalRows.CountAsync(console.Database, "artifacts"));
        await console.AssertEqualToServerAsync();
    }

    [Theory]
    [InlineData("Detect", "server", "there")]
    [InlineData("Detect", "local", "here")]
    [InlineData("Ignore", "server", "there")]
    [InlineData("Ignore", "local", "here")]
    public async Task Sync_RowEditedOnBothSides_IsTheWinnersOnBoth(string kit, string winner, string name)
    {
        using var console = await PulledAsync(kit);
        await LocalEdits.RunAsync(console.Database, "update artifacts set name = 'here' where size = 37");
        await backends.Main.SqlAsync(Own(console, "update public.artifacts set name = 'there'", "size = 37"));

        var end = (await console.RunOnFileAsync("sync", "--conflicts", winner)).AssertExitCode(0);

        Assert.Equal(0, Number(Result(end), "pending"));
        Assert.Equal(1, await ServerCountAsync(console, $"name = '{name}' and size = 37"));
        Assert.Equal(name, await LocalRows.ScalarAsync(console.Database, "select name from artifacts where size = 37"));
        await console.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task Push_EditsOnBothSides_SendsAndBringsNothing()
    {
        using var console = await PulledAsync("Detect");
        await LocalEdits.RunAsync(console.Database, "update artifacts set name = 'here' where size = 37");
        await backends.Main.SqlAsync(Own(console, "update public.artifacts set name = 'there'", "size = 37 * 2"));

        var end = (await console.RunOnFileAsync("push")).AssertExitCode(0);

        Assert.Equal(("Push", 1, 0), (Result(end).GetProperty("direction").GetString(), Number(Result(end), "pushed"), Number(Result(end), "applied")));
        Assert.Equal(1, await ServerCountAsync(console, "name = 'here'"));
        Assert.Equal(0L, await LocalRows.ScalarAsync(console.Database, "select count(*) from artifacts where name = 'there'"));
    }

    [Fact]
    public async Task Pull_RowEditedOnBothSides_KeepsTheEditAndBringsTheRest()
    {
        using var console = await PulledAsync("Detect");
        await LocalEdits.RunAsync(console.Database, "update artifacts set name = 'here' where size = 37");
        await backends.Main.SqlAsync(Own(console, "update public.artifacts set name = 'there'", "size in (37, 37 * 2)"));

        var end = (await console.PullAsync(100)).AssertExitCode(0);
        var status = (await console.RunOnFileAsync("status")).AssertExitCode(0);

        Assert.Equal(0, Number(Result(end), "pushed"));
        Assert.Equal("here", await LocalRows.ScalarAsync(console.Database, "select name from artifacts where size = 37"));
        Assert.Equal("there", await LocalRows.ScalarAsync(console.Database, "select name from artifacts where size = 37 * 2"));
        Assert.Equal(1, Number(Status(status), "pending"));
    }

    [Theory]
    [InlineData("Detect")]
    [InlineData("Ignore")]
    public async Task Quarantine_EditThatTheServerRejects_IsListedWithItsReasonAndHoldsNothingUp(string kit)
    {
        using var console = await PulledAsync(kit);
        var key = (string)(await LocalRows.ScalarAsync(console.Database, "select id from artifacts where size = 37"))!;
        await LocalEdits.InsertAsync(console.Database, console.User, 20);
        await LocalEdits.RunAsync(console.Database, $"update artifacts set size = -1 where id = '{key}'");

        var end = (await console.RunOnFileAsync("sync")).AssertExitCode(5);
        var status = (await console.RunOnFileAsync("status")).AssertExitCode(0);
        var list = (await console.RunOnFileAsync("quarantine")).AssertExitCode(0);
        var words = (await console.RunAsync("quarantine", "--database", console.Database)).AssertExitCode(0);

        Assert.Equal("CompletedWithQuarantine", Result(end).GetProperty("outcome").GetString());
        Assert.Equal((20, 1, 1), (Number(Result(end), "pushed"), Number(Result(end), "rejected"), Number(Result(end), "quarantined")));
        Assert.Equal((0, 1), (Number(Status(status), "pending"), Number(Status(status), "quarantined")));
        var change = Assert.Single(SampleConsole.Find(list, "quarantine")!.Value.GetProperty("changes").EnumerateArray());
        Assert.StartsWith("artifacts/", change.GetProperty("id").GetString(), StringComparison.Ordinal);
        Assert.Equal(("Update", "23514"), (change.GetProperty("kind").GetString(), change.GetProperty("code").GetString()));
        Assert.Equal(key, change.GetProperty("key").GetProperty("id").GetString(), ignoreCase: true);
        Assert.StartsWith("a rule of the table forbids it", change.GetProperty("reason").GetString(), StringComparison.Ordinal);
        Assert.Contains("a rule of the table forbids it", words.Out, StringComparison.Ordinal);
        Assert.Contains(key, words.Out, StringComparison.OrdinalIgnoreCase);
        Assert.Equal(-1L, await LocalRows.ScalarAsync(console.Database, $"select size from artifacts where id = '{key}'"));
        Assert.Equal(Rows + 20, await ServerCountAsync(console, "true"));
    }

    [Fact]
    public async Task Quarantine_Discard_TakesTheServersRowBack()
    {
        using var console = await RejectedAsync();

        var discarded = (await console.RunOnFileAsync("quarantine", "--discard")).AssertExitCode(0);
        (await console.RunOnFileAsync("sync")).AssertExitCode(0);

        Assert.Equal(1, Number(SampleConsole.Find(discarded, "discarded")!.Value, "changes"));
        await console.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task Quarantine_RetryOfOneByItsName_SendsThatOneAgain()
    {
        using var console = await RejectedAsync();
        var list = await console.RunOnFileAsync("quarantine");
        var name = SampleConsole.Find(list, "quarantine")!.Value.GetProperty("changes")[0].GetProperty("id").GetString()!;

        var unknown = (await console.RunOnFileAsync("quarantine", "--retry", name, "artifacts/987654")).AssertExitCode(2);
        (await console.RunOnFileAsync("quarantine", "--retry", name)).AssertExitCode(0);
        var retried = (await console.RunOnFileAsync("status")).AssertExitCode(0);
        var end = (await console.RunOnFileAsync("sync")).AssertExitCode(5);

        Assert.Contains("artifacts/987654", SampleConsole.Find(unknown, "failed")!.Value.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
        Assert.Equal((1, 0), (Number(Status(retried), "pending"), Number(Status(retried), "quarantined")));
        Assert.Equal(1, Number(Result(end), "rejected"));
    }

    [Fact]
    public async Task Sync_RejectedRowEditedAgain_SendsTheEditInstead()
    {
        using var console = await RejectedAsync();
        await LocalEdits.RunAsync(console.Database, "update artifacts set size = 5 where size = -1");

        var end = (await console.RunOnFileAsync("sync")).AssertExitCode(0);

        Assert.Equal((1, 0), (Number(Result(end), "pushed"), Number(Result(end), "quarantined")));
        Assert.Equal(1, await ServerCountAsync(console, "size = 5"));
        await console.AssertEqualToServerAsync();
    }

    private static JsonElement Result(ProcessEnd end) => SampleConsole.Find(end, "result")!.Value;

    private static JsonElement Status(ProcessEnd end) =>
        SampleConsole.Find(end, "status")!.Value.GetProperty("datasets").EnumerateArray().Single(static dataset => dataset.GetProperty("dataset").GetString() == "artifacts");

    private static long Number(JsonElement one, string name) => one.GetProperty(name).GetInt64();

    private static string Own(SampleConsole console, string statement, string condition) => $"{statement} where owner_id = '{console.User.Id}' and {condition}";

    private async Task<SampleConsole> PulledAsync(string kit)
    {
        SampleConsole console = new(backends.Main, await backends.Main.SignUpWithRowsAsync(Rows));
        console.Environment["AGENT_SYNC_SQL_KIT"] = kit;
        (await console.PullAsync(100)).AssertExitCode(0);
        return console;
    }

    private async Task<SampleConsole> RejectedAsync()
    {
        var console = await PulledAsync("Detect");
        await LocalEdits.RunAsync(console.Database, "update artifacts set size = -1 where size = 37");
        (await console.RunOnFileAsync("sync")).AssertExitCode(5);
        return console;
    }

    private async Task<int> ServerCountAsync(SampleConsole console, string condition)
    {
        var rows = await backends.Main.SqlAsync(Own(console, "select count(*)::int as count from public.artifacts", condition));
        return rows[0].GetProperty("count").GetInt32();
    }
}
