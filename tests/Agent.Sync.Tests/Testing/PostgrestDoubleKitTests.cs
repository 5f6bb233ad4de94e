using System.Globalization;
using System.Text.Json;
using Agent.Sync.Testing;

namespace Agent.Sync.Tests.Testing;

/// <summary>What the double says in place of the SQL kit: the horizon, the outcomes of a push, the ledger and the tombstones.</summary>
public sealed class PostgrestDoubleKitTests : DoubleTest
{
    private readonly PostgrestTable _table;

    public PostgrestDoubleKitTests()
    {
        _table = Server.AddTable(SampleDatasets.Of("items", "title").DeletedAt("deleted_at").Build());
        _table.AddColumn("owner_id", ColumnType.Text).OwnerColumn = "owner_id";
        _table.EnableKit();
    }

    [Fact]
    public async Task Horizon_OpenTransaction_HoldsItBackUntilItEnds()
    {
        var calm = await HorizonAsync();
        var open = Server.BeginTransaction();
        Insert(1);
        var held = await HorizonAsync();
        open.Commit();
        var after = await HorizonAsync();

        Assert.Equal(calm.Next, calm.Horizon);
        Assert.Equal((calm.Next, calm.Next + 2), (held.Horizon, held.Next));
        Assert.Equal((held.Next, held.Next), (after.Horizon, after.Next));
    }

    [Fact]
    public async Task Horizon_WriterIsOpen_HoldsNothingBackUntilAnotherEndsAboveIt()
    {
        var start = Server.ServerTime;
        var open = Server.BeginTransaction();
        var alone = await HorizonAsync();
        var aloneSince = await SinceAsync();
        Insert(1);
        var held = await HorizonAsync();

        // As PostgreSQL's snapshot: its end is behind what has ended, not behind what has begun.
        Assert.Equal((alone.Next, null), (alone.Horizon, aloneSince));
        Assert.Equal((alone.Horizon, start), (held.Horizon, await SinceAsync()));
        Assert.True(held.Next > held.Horizon);
        open.Rollback();
        Assert.Null(await SinceAsync());
    }

    [Fact]
    public async Task Horizon_Tables_TellsTheKitsAndNullForOthers()
    {
        Server.AddTable(SampleDatasets.Of("plain").Build());
        var (status, body) = await SendAsync("POST", "rpc/horizon", """{"request":{"tables":["public.items","public.plain","public.nothing"]}}""", profile: "agent_sync");

        Assert.Equal(200, status);
        using var answer = JsonDocument.Parse(body);
        Assert.Equal(["kit", "server_time", "horizon", "next", "oldest_writer_since", "tables"], answer.RootElement.EnumerateObject().Select(static member => member.Name));
        var tables = answer.RootElement.GetProperty("tables");
        Assert.Equal("items", tables.GetProperty("public.items").GetProperty("tombstones").GetString());
        Assert.Equal(["id", "sync_seq", "owner_id"], tables.GetProperty("public.items").GetProperty("columns").EnumerateArray().Select(static name => name.GetString()));
        Assert.Equal(JsonValueKind.Null, tables.GetProperty("public.plain").ValueKind);
        Assert.Equal(JsonValueKind.Null, tables.GetProperty("public.nothing").ValueKind);
    }

    [Fact]
    public async Task Horizon_AnotherHistory_HasAnotherEpoch()
    {
        var first = await HorizonAsync();
        Insert(1);
        _table.PruneTombstones();
        var pruned = await HorizonAsync();
        _table.ChangeEpoch();
        var restored = await HorizonAsync();
        _table.Clear();

        Assert.Equal((first.Epoch, 0, pruned.Next), (pruned.Epoch, first.MinRetained, pruned.MinRetained));
        Assert.NotEqual(pruned.Epoch, restored.Epoch);
        Assert.NotEqual(restored.Epoch, (await HorizonAsync()).Epoch);
    }

    [Fact]
    public async Task Functions_WithoutTokenOrKit_AreRefused()
    {
        Assert.Equal((404, "42P01"), await RefuseAsync("POST", "rpc/push", Batch("public.nothing"), profile: "agent_sync"));
        Assert.Equal((404, "PGRST202"), await RefuseAsync("POST", "rpc/push", Batch("public.items")));
        Assert.Equal((404, "PGRST202"), await RefuseAsync("POST", "rpc/nothing", Batch("public.items"), profile: "agent_sync"));
        SignIn(null);
        Assert.Equal((401, "42501"), await RefuseAsync("POST", "rpc/push", Batch("public.items"), profile: "agent_sync"));
    }

    [Fact]
    public async Task Push_EachChange_HasAnOutcomeOfItsOwn()
    {
        _table.AddCheck("items_title_check", static row => row.Contains("bad", StringComparison.Ordinal) ? "23514" : null);
        Insert(1, "one");
        Insert(2, "two");
        Insert(3, "three");
        Insert(4, "bob's", owner: "bob");
        var fresh = SequenceOf(1);

        var outcomes = await PushAsync(
            Group("insert", ["id", "title"], Insertion(10, "new"), Insertion(2, "other"), Insertion(3, "three"), Insertion(4, "x"), Insertion(11, "bad")),
            Group("update", ["title"], Update(1, fresh, "mine"), Update(12, fresh, "gone"), Update(5, fresh, "x")),
            Group("delete", [], Deletion(13, fresh)));

        Assert.Equal(
            ["applied new", "conflict two", "applied three", "rejected 42501", "rejected 23514 items_title_check", "applied mine", "conflict", "conflict", "applied"],
            outcomes);
        Assert.Null(_table.FindRow("11"));
    }

    [Theory]
    [InlineData(true, "mine", "applied mine")]
    [InlineData(false, "mine", "conflict theirs")]
    [InlineData(false, "theirs", "applied theirs")]
    public async Task Push_UpdateOfABase_IsAConflictUnlessItIsThereAlready(bool isFresh, string title, string expected)
    {
        Insert(1, "first");
        var seen = SequenceOf(1);
        _table.Update("""{"title":"theirs"}""", "1");

        Assert.Equal([expected], await PushAsync(Group("update", ["title"], Update(1, isFresh ? SequenceOf(1) : seen, title))));
    }

    [Fact]
    public async Task Push_WithoutABase_IsWrittenOverWhateverIsThere()
    {
        Insert(1, "theirs");

        Assert.Equal(["applied mine"], await PushAsync(Group("update", ["title"], Update(1, null, "mine"))));
    }

    [Fact]
    public async Task Push_Delete_SetsTheServersTime()
    {
        Insert(1, "one");
        Time.Advance(TimeSpan.FromHours(1));

        await PushAsync(Group("delete", [], Deletion(1, SequenceOf(1))));

        Assert.Contains("\"deleted_at\":\"2026-01-01T13:00:00+00:00\"", _table.FindRow("1"), StringComparison.Ordinal);
    }

    [Fact]
    public async Task Push_SameOperationAgain_IsAppliedOnce()
    {
        Insert(1, "one");
        var change = Update(1, SequenceOf(1), "mine");
        await PushAsync(Group("update", ["title"], change));
        _table.Update("""{"title":"theirs"}""", "1");
        var before = _table.FindRow("1");

        // Without the ledger this is a conflict: the row has another version and other values.
        Assert.Equal(["applied theirs"], await PushAsync(Group("update", ["title"], change)));
        Assert.Equal(before, _table.FindRow("1"));

        SignIn("bob");
        Assert.Equal(["conflict"], await PushAsync(Group("update", ["title"], change)));
    }

    [Fact]
    public async Task Push_DeleteOfNothingAgainAfterTheKeyCameBack_IsAConflict()
    {
        var change = Deletion(1, 5);
        Assert.Equal(["applied"], await PushAsync(Group("delete", [], change)));
        Insert(1, "theirs");

        Assert.Equal(["conflict theirs"], await PushAsync(Group("delete", [], change)));
    }

    [Theory]
    [InlineData("54000")]
    [InlineData("P0002")]
    [InlineData("XX000")]
    public async Task Push_ErrorOfOneRow_IsThatRowsOutcomeWhateverItsClass(string code)
    {
        _table.AddCheck("items_check", row => row.Contains("bad", StringComparison.Ordinal) ? code : null);

        Assert.Equal(
            ["applied good", $"rejected {code} items_check"],
            await PushAsync(Group("insert", ["id", "title"], Insertion(1, "good"), Insertion(2, "bad"))));
    }

    [Theory]
    [InlineData("25006")]
    [InlineData("0A000")]
    [InlineData("58030")]
    public async Task Push_ErrorThatNoRowIsToBlameFor_FailsAsAWhole(string code)
    {
        _table.AddCheck("items_check", row => row.Contains("bad", StringComparison.Ordinal) ? code : null);
        var batch = Batch("public.items", Group("insert", ["id", "title"], Insertion(1, "good"), Insertion(2, "bad")));

        Assert.Equal(code, (await RefuseAsync("POST", "rpc/push", batch, profile: "agent_sync")).Item2);
        Assert.Null(_table.FindRow("1"));
    }

    [Fact]
    public async Task Push_RejectedOperation_MayBeTriedAgain()
    {
        var isStrict = true;
        _table.AddCheck("items_check", _ => isStrict ? "P0001" : null);
        var change = Insertion(1, "mine");

        Assert.Equal(["rejected P0001 items_check"], await PushAsync(Group("insert", ["id", "title"], change)));
        isStrict = false;

        Assert.Equal(["applied mine"], await PushAsync(Group("insert", ["id", "title"], change)));
    }

    [Fact]
    public async Task Push_KeyTwiceOrWithoutGrant_FailsAsAWhole()
    {
        var twice = Batch("public.items", Group("insert", ["id", "title"], Insertion(1, "a"), Insertion(1, "b")));
        Assert.Equal((500, "21000"), await RefuseAsync("POST", "rpc/push", twice, profile: "agent_sync"));

        _table.IsWritable = false;

        Assert.Equal((403, "42501"), await RefuseAsync("POST", "rpc/push", Batch("public.items", Group("insert", ["id", "title"], Insertion(1, "a"))), profile: "agent_sync"));
        Assert.Null(_table.FindRow("1"));
    }

    [Fact]
    public async Task Delete_OfARow_LeavesATombstoneThatOnlyItsOwnerSees()
    {
        Insert(1);
        var last = SequenceOf(1);
        _table.Delete("1");

        var (status, body) = await TombstonesAsync();
        Assert.Equal(200, status);
        using var tombstones = JsonDocument.Parse(body);
        var tombstone = Assert.Single(tombstones.RootElement.EnumerateArray());
        Assert.Equal(1, tombstone.GetProperty("id").GetInt64());
        Assert.True(tombstone.GetProperty("sync_seq").GetInt64() > last);
        SignIn("bob");
        Assert.Equal((200, "[]"), await TombstonesAsync());
    }

    [Fact]
    public async Task Update_ThatGivesARowAway_LeavesATombstoneWithItsFormerOwner()
    {
        Insert(1);
        _table.Update("""{"owner_id":"bob"}""", "1");

        var (_, mine) = await TombstonesAsync();
        SignIn("bob");

        Assert.Equal($$"""[{"id":1,"sync_seq":{{SequenceOf(1)}}}]""", mine);
        Assert.Equal((200, "[]"), await TombstonesAsync());
    }

    [Fact]
    public async Task Insert_OfADeletedKey_TakesItsTombstoneAway()
    {
        Insert(1);
        _table.Delete("1");
        Insert(1);

        Assert.Equal((200, "[]"), await TombstonesAsync());
    }

    private static string Batch(string table, params string[] groups) =>
        $$"""{"batch":{"table":"{{table}}","version":"sync_seq","select":["id","title"],"deleted":"deleted_at","groups":[{{string.Join(',', groups)}}]} }""";

    private static string Group(string kind, string[] columns, params string[] changes) =>
        $$"""{"kind":"{{kind}}","columns":{{JsonSerializer.Serialize(columns)}},"changes":[{{string.Join(',', changes)}}]}""";

    private static string Insertion(long id, string title) =>
        $$$"""{"op":"{{{Guid.NewGuid()}}}","key":{"id":{{{id}}}},"base":null,"row":{"id":{{{id}}},"title":"{{{title}}}"}}""";

    private static string Update(long id, long? seen, string title) =>
        $$$"""{"op":"{{{Guid.NewGuid()}}}","key":{"id":{{{id}}}},"base":{{{Base(seen)}}},"row":{"title":"{{{title}}}"}}""";

    private static string Deletion(long id, long? seen) =>
        $$$"""{"op":"{{{Guid.NewGuid()}}}","key":{"id":{{{id}}}},"base":{{{Base(seen)}}}}""";

    private static string Base(long? seen) => seen is null ? "null" : string.Create(CultureInfo.InvariantCulture, $"\"{seen}\"");

    private void Insert(long id, string title = "t", string owner = "alice") =>
        _table.Insert($$"""{"id":{{id}},"title":"{{title}}","owner_id":"{{owner}}"}""");

    private long SequenceOf(long id)
    {
        using var row = JsonDocument.Parse(_table.FindRow(id.ToString(CultureInfo.InvariantCulture))!);
        return row.RootElement.GetProperty("sync_seq").GetInt64();
    }

    private Task<(int Status, string Body)> TombstonesAsync() => SendAsync("GET", "items?select=id,sync_seq&order=sync_seq", profile: "agent_sync");

    /// <summary>Sends groups and returns each outcome as its status, what it was rejected for, and the title of the row that came with it.</summary>
    private async Task<List<string>> PushAsync(params string[] groups)
    {
        var (status, body) = await SendAsync("POST", "rpc/push", Batch("public.items", groups), profile: "agent_sync");
        Assert.Equal(200, status);
        using var answer = JsonDocument.Parse(body);
        var rows = answer.RootElement.GetProperty("rows");
        return
        [
            .. answer.RootElement.GetProperty("outcomes").EnumerateArray().Select(outcome => string.Join(' ', new[]
            {
                outcome.GetProperty("status").GetString(),
                outcome.TryGetProperty("code", out var code) ? code.GetString() : null,
                outcome.TryGetProperty("constraint", out var constraint) ? constraint.GetString() : null,
                outcome.GetProperty("row") is { ValueKind: JsonValueKind.Number } row ? rows[row.GetInt32()].GetProperty("title").GetString() : null,
            }.OfType<string>())),
        ];
    }

    private async Task<DateTimeOffset?> SinceAsync()
    {
        using var answer = JsonDocument.Parse((await SendAsync("POST", "rpc/horizon", """{"request":{"tables":[]}}""", profile: "agent_sync")).Body);
        return answer.RootElement.GetProperty("oldest_writer_since") is { ValueKind: JsonValueKind.String } since ? since.GetDateTimeOffset() : null;
    }

    private async Task<(long Horizon, long Next, string? Epoch, long MinRetained)> HorizonAsync()
    {
        var (_, body) = await SendAsync("POST", "rpc/horizon", """{"request":{"tables":["public.items"]}}""", profile: "agent_sync");
        using var answer = JsonDocument.Parse(body);
        var table = answer.RootElement.GetProperty("tables").GetProperty("public.items");
        return (Number(answer.RootElement, "horizon"), Number(answer.RootElement, "next"), table.GetProperty("epoch").GetString(), Number(table, "min_retained"));

        static long Number(JsonElement element, string name) => long.Parse(element.GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
    }
}
