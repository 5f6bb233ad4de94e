using System.Text;
using System.Text.Json.Nodes;
using Agent.Sync.Push.Kit;
using Agent.Sync.Push.Sending;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Fakes;

namespace Agent.Sync.Tests.Push.Sending;

/// <summary>What goes over the wire, to the byte.</summary>
public sealed class WireTests
{
    private const string Select = "select=id,name,updated_at,version";

    [Fact]
    public async Task Insert_WithoutTheKit_IsOneBulkPostPerSetOfColumns()
    {
        var harness = new PushHarness();
        harness.Insert(1, "a");
        harness.Edits.Insert(harness.Dataset, """{"id":2}""");
        harness.Insert(3, "c");

        await harness.RunAsync();

        // Columns without a value are left to the server's defaults, so row 2 is another statement.
        Assert.Equal(["""[{"id":1,"name":"a"},{"id":3,"name":"c"}]""", """[{"id":2}]"""], harness.Server.Bodies);
        var call = harness.Server.Calls[0];
        Assert.Equal((HttpMethod.Post, $"items?columns=id,name&{Select}&on_conflict=id"), (call.Method, call.PathAndQuery));
        Assert.Equal("resolution=ignore-duplicates,return=representation", call.Prefer);
        Assert.Equal("public", call.Schema);
    }

    [Fact]
    public async Task Update_WithoutTheKit_MeetsTheVersionItStartedFrom()
    {
        var harness = new PushHarness();
        harness.Share((1, "one"));
        var version = harness.Server.VersionOf(1);
        harness.Update(1, "uno");

        await harness.RunAsync();

        var call = Assert.Single(harness.Server.Calls);
        Assert.Equal((HttpMethod.Patch, $"items?{Select}&id=eq.1&version=eq.{version}"), (call.Method, call.PathAndQuery));
        Assert.Equal("""{"name":"uno"}""", harness.Server.Bodies[0]);
        Assert.Equal("return=representation", call.Prefer);
    }

    [Fact]
    public async Task Delete_WithoutTheKit_MeetsTheVersionItStartedFrom()
    {
        var harness = new PushHarness();
        harness.Share((1, "one"));
        var version = harness.Server.VersionOf(1);
        harness.Delete(1);

        await harness.RunAsync();

        var call = Assert.Single(harness.Server.Calls);
        Assert.Equal((HttpMethod.Delete, $"items?{Select}&id=eq.1&version=eq.{version}"), (call.Method, call.PathAndQuery));
        Assert.True(call.Body.IsEmpty);
    }

    [Fact]
    public async Task Update_LocalWinsWithoutTheKit_IsABulkUpsertOfWholeRows()
    {
        var harness = new PushHarness();
        harness.Options.Push.ConflictPolicy = ConflictPolicy.LocalWins;
        harness.Share((1, "one"), (2, "two"));
        harness.Update(1, "uno");
        harness.Update(2, "due");

        await harness.RunAsync();

        Assert.Equal("""[{"id":1,"name":"uno"},{"id":2,"name":"due"}]""", Assert.Single(harness.Server.Bodies));
        Assert.Equal("resolution=merge-duplicates,return=representation", harness.Server.Calls[0].Prefer);
    }

    [Fact]
    public async Task AnyChange_WithTheKit_IsOneCallWithUniformGroups()
    {
        var harness = new PushHarness(kit: true);
        harness.Share((1, "one"), (2, "two"));
        var (first, second) = (harness.Server.VersionOf(1), harness.Server.VersionOf(2));
        harness.Insert(7, "a");
        harness.Update(1, "uno");
        harness.Insert(8, "b");
        harness.Update(2, "due");

        await harness.RunAsync(ChangePart.Writes);

        var call = Assert.Single(harness.Server.Calls);
        Assert.Equal((HttpMethod.Post, "rpc/push", "agent_sync", null), (call.Method, call.PathAndQuery, call.Schema, call.Prefer));
        var batch = JsonNode.Parse(harness.Server.Bodies[0])!["batch"]!;
        foreach (var change in batch["groups"]!.AsArray().SelectMany(static group => group!["changes"]!.AsArray()))
        {
            Assert.NotEqual(Guid.Empty, (Guid)change!["op"]!);
            change["op"] = "x";
        }

        var expected = $$$"""
            {"table":"public.items","version":"version","select":["id","name","updated_at","version"],
             "groups":[
              {"kind":"insert","columns":["id","name"],"changes":[
                {"op":"x","key":{"id":7},"base":null,"row":{"id":7,"name":"a"}},
                {"op":"x","key":{"id":8},"base":null,"row":{"id":8,"name":"b"}}]},
              {"kind":"update","columns":["name"],"changes":[
                {"op":"x","key":{"id":1},"base":"{{{first}}}","row":{"name":"uno"}},
                {"op":"x","key":{"id":2},"base":"{{{second}}}","row":{"name":"due"}}]}]}
            """;
        Assert.True(JsonNode.DeepEquals(JsonNode.Parse(expected), batch), batch.ToJsonString());
    }

    [Fact]
    public async Task Update_LocalWinsWithTheKit_GivesNoBase()
    {
        var harness = new PushHarness(kit: true);
        harness.Options.Push.ConflictPolicy = ConflictPolicy.LocalWins;
        harness.Share((1, "one"));
        harness.Update(1, "uno");

        await harness.RunAsync();

        Assert.Contains("\"base\":null,\"row\":{\"name\":\"uno\"}", harness.Server.Bodies[0], StringComparison.Ordinal);
    }

    [Fact]
    public async Task Delete_OfASoftDeletedTable_SetsTheDeletionTime()
    {
        var harness = new PushHarness(define: static builder => builder.DeletedAt("deleted_at"));
        harness.Share((1, "one"));
        harness.Delete(1);

        await harness.RunAsync();

        Assert.Equal(HttpMethod.Patch, Assert.Single(harness.Server.Calls).Method);
        Assert.Equal("""{"deleted_at":"2026-03-01T12:00:00+00:00"}""", harness.Server.Bodies[0]);
        Assert.NotNull(harness.Server.Find(1)!["deleted_at"]);
        Assert.Empty(await harness.ListAsync());
        Assert.Null(harness.LocalRow(1));
    }

    [Fact]
    public async Task Delete_OfASoftDeletedTableWithTheKit_NamesTheColumn()
    {
        var harness = new PushHarness(kit: true, static builder => builder.DeletedAt("deleted_at"));
        harness.Share((1, "one"));
        harness.Delete(1);

        await harness.RunAsync();

        Assert.Contains("\"deleted\":\"deleted_at\"", harness.Server.Bodies[0], StringComparison.Ordinal);
        Assert.NotNull(harness.Server.Find(1)!["deleted_at"]);
    }

    [Fact]
    public async Task Delete_SoftDeletedThereAlready_IsSuccess()
    {
        var harness = new PushHarness(define: static builder => builder.DeletedAt("deleted_at"));
        harness.Share((1, "one"));
        harness.Delete(1);
        harness.Server.Table.SoftDelete("1");

        await harness.RunAsync();

        Assert.Equal((1, 0), (harness.Counts.Pushed, harness.Counts.Conflicts));
    }

    [Fact]
    public void LookUp_CompositeKey_NamesEachPartQuoted()
    {
        var url = new PushUrl(Composite);

        var path = url.LookUp([Change("""{"a":"x,\"y\"","b":1}"""), Change("""{"a":"é","b":2}""")], int.MaxValue, out var taken);

        Assert.Equal(2, taken);
        Assert.Equal("pairs?select=a,b,updated_at&or=(and(a.eq.%22x%2C%5C%22y%5C%22%22,b.eq.%221%22),and(a.eq.%22%C3%A9%22,b.eq.%222%22))", path);
    }

    [Fact]
    public void LookUp_ManyOrLongKeys_FitIntoAUrl()
    {
        var url = new PushUrl(PushHarness.Define().Build());
        var changes = Enumerable.Range(0, 500).Select(static id => Change($"{{\"id\":{id}}}")).ToArray();

        Assert.InRange(url.LookUp(changes, int.MaxValue, out var taken).Length, 100, 8000);
        Assert.Equal(100, taken);

        var longer = Enumerable.Range(0, 500).Select(static id => Change($"{{\"a\":\"{new string('k', 500)}{id}\",\"b\":1}}")).ToArray();
        Assert.InRange(new PushUrl(Composite).LookUp(longer, int.MaxValue, out taken).Length, 100, 8000);
        Assert.InRange(taken, 1, 10);
    }

    [Fact]
    public void Row_VersionIsATimestamp_IsEncodedAndMissingOneIsNull()
    {
        var url = new PushUrl(Composite);

        Assert.Equal(
            "pairs?select=a,b,updated_at&a=eq.x&b=eq.1&updated_at=eq.2026-01-01T00%3A00%3A00.123456%2B00%3A00",
            url.Row(Change("""{"b":1,"a":"x"}""", "2026-01-01T00:00:00.123456+00:00"), anyVersion: false));
        Assert.EndsWith("&updated_at=is.null", url.Row(Change("""{"a":"x","b":1}"""), anyVersion: false), StringComparison.Ordinal);
        Assert.EndsWith("&b=eq.1", url.Row(Change("""{"a":"x","b":1}"""), anyVersion: true), StringComparison.Ordinal);
    }

    [Fact]
    public void Write_Bodies_AllocateLittlePerRow()
    {
        const int Rows = 1000;
        var dataset = PushHarness.Define().Build();
        IReadOnlyList<string> columns = ["id", "name"];
        var changes = new PendingChange[Rows];
        for (var id = 0; id < Rows; id++)
        {
            changes[id] = new PendingChange(
                id, Guid.NewGuid(), ChangeKind.Insert, columns, Encoding.UTF8.GetBytes($"{{\"id\":{id}}}"), default, Encoding.UTF8.GetBytes($"{{\"id\":{id},\"name\":\"some text\"}}"));
        }

        Write();
        var before = GC.GetAllocatedBytesForCurrentThread();
        Write();
        var perRow = (GC.GetAllocatedBytesForCurrentThread() - before) / (2.0 * Rows);

        Assert.InRange(perRow, 0, 10);

        void Write()
        {
            using var bulk = new PooledBytes(64 * 1024);
            BulkBody.Write(bulk, changes, addsKey: false);
            using var kit = new PooledBytes(128 * 1024);
            KitBody.Write(kit, dataset, changes, ConflictPolicy.ServerWins);
        }
    }

    [Theory]
    [InlineData("""{"id":1}""", """{"name":"x"}""", """[{"id":1,"name":"x"}]""")]
    [InlineData("""{"id":1}""", """{ "name":"}{" }""", """[{"id":1, "name":"}{" }]""")]
    [InlineData("""{"id":"}"}""", """{}""", """[{"id":"}"}]""")]
    [InlineData("""{"id":1}""", """{ }""", """[{"id":1 }]""")]
    public void Write_ValuesWithoutTheKey_AreJoinedWithIt(string key, string row, string expected)
    {
        using var body = new PooledBytes(0);

        BulkBody.Write(body, [Change(key, row: row)], addsKey: true);

        Assert.Equal(expected, Encoding.UTF8.GetString(body.Written.Span));
    }

    [Theory]
    [InlineData("")]
    [InlineData("[]")]
    [InlineData("""{"outcomes":[],"rows":[]}""")]
    [InlineData("""{"outcomes":[{"op":"11111111-1111-1111-1111-111111111111","status":"applied","row":null}],"rows":[]}""")]
    [InlineData("""{"outcomes":[{"op":"$","status":"applied","row":0}],"rows":[]}""")]
    [InlineData("""{"outcomes":[{"op":"$","status":"applied","row":-1}],"rows":[]}""")]
    [InlineData("""{"outcomes":[{"op":"$","status":"kept","row":null}],"rows":[]}""")]
    [InlineData("""{"outcomes":[{"op":"$","status":"rejected","row":null}],"rows":[]}""")]
    [InlineData("""{"outcomes":[{"op":"$","status":"rejected","code":"canary","row":null}],"rows":[]}""")]
    [InlineData("""{"outcomes":[{"op":"$","status":"applied","row":null},{"op":"$","status":"applied","row":null}],"rows":[]}""")]
    [InlineData("""{"outcomes":[{"op":"$","status":"applied","row":null}]}""")]
    [InlineData("""{"outcomes":[{"op":"$","status":"applied","row":null}],"rows":[{"id":1}]}""")]
    public async Task Kit_AnswerIsNotOneOutcomePerChange_IsRefusedWhole(string answer)
    {
        var harness = new PushHarness(kit: true);
        harness.Insert(1, "a");
        harness.Transport = new ScriptedCalls(call => answer.Replace(
            "$", (string)JsonNode.Parse(call.Body.Span)!["batch"]!["groups"]![0]!["changes"]![0]!["op"]!, StringComparison.Ordinal));

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => harness.RunAsync());

        Assert.Equal(SyncErrorKind.UnexpectedResponse, exception.Kind);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
        Assert.Equal(ChangeState.InFlight, Assert.Single(await harness.ListAsync()).State);
    }

    private static Dataset Composite { get; } =
        Dataset.Define("pairs").Key("a", ColumnType.Text).Key("b", ColumnType.Integer).UpdatedAt("updated_at").Build();

    private static PendingChange Change(string key, string version = "", string row = "") => new(
        1, Guid.Empty, ChangeKind.Update, ["name"], Encoding.UTF8.GetBytes(key), Encoding.UTF8.GetBytes(version), Encoding.UTF8.GetBytes(row));
}
