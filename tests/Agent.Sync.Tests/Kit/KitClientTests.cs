using Agent.Sync.Kit;
using Agent.Sync.Tests.Fakes;
using Microsoft.Extensions.Time.Testing;

namespace Agent.Sync.Tests.Kit;

public sealed class KitClientTests
{
    private const string Enabled =
        """
        {"kit":2,"server_time":"2026-03-01T12:00:00.123456+00:00","horizon":"9007199254740993","next":"9223372036854775807",
         "oldest_writer_since":"2026-03-01T11:00:00+00:00","later":true,
         "tables":{"public.items":{"epoch":"e","min_retained":"7","tombstones":"items","problem":null,"needs_restamp":false,"policies_changed":true,"later":1},"public.others":null}}
        """;

    private static readonly Dataset Others = SampleDatasets.Of("others").Build();

    private readonly FakeTimeProvider _time = new(Items.Noon);
    private Func<string?> _answer = static () => Enabled;

    public static TheoryData<string, string> Refused => new()
    {
        { "not JSON", "x" },
        { "no object", "[]" },
        { "no tables", """{"kit":2,"server_time":"2026-03-01T12:00:00+00:00","horizon":"1","next":"1"}""" },
        { "no time", """{"kit":2,"horizon":"1","next":"1","tables":{}}""" },
        { "horizon as a number", """{"kit":2,"server_time":"2026-03-01T12:00:00+00:00","horizon":1,"next":"1","tables":{}}""" },
        { "horizon too large", """{"kit":2,"server_time":"2026-03-01T12:00:00+00:00","horizon":"9223372036854775808","next":"1","tables":{}}""" },
        { "negative", """{"kit":2,"server_time":"2026-03-01T12:00:00+00:00","horizon":"-1","next":"1","tables":{}}""" },
        { "horizon above next", """{"kit":2,"server_time":"2026-03-01T12:00:00+00:00","horizon":"2","next":"1","tables":{}}""" },
        { "epoch missing", """{"kit":2,"server_time":"2026-03-01T12:00:00+00:00","horizon":"1","next":"1","tables":{"public.items":{"min_retained":"0","tombstones":"items"}}}""" },
        { "a table that is no identifier", """{"kit":2,"server_time":"2026-03-01T12:00:00+00:00","horizon":"1","next":"1","tables":{"public.items":{"epoch":"e","min_retained":"0","tombstones":"items?select=canary"}}}""" },
    };

    [Fact]
    public async Task ReadAsync_KitIsThere_ReadsNumbersBeyondADoubleExactly()
    {
        var calls = Calls();

        var found = await Client().ReadAsync(calls, [Items.Dataset, Others], TestContext.Current.CancellationToken);

        var kit = Assert.Single(found).Value;
        Assert.Equal(
            new Horizon(9007199254740993, long.MaxValue, Items.Noon.AddTicks(1234560), Items.Noon.AddHours(-1)), kit.Horizon);
        Assert.Equal(new KitTable("e", 7, "items") { PoliciesChanged = true }, kit.Table);
        Assert.Equal(("agent_sync", "items"), (kit.Tombstones.Schema, kit.Tombstones.RemoteTable));
        Assert.Equal("""{"request":{"tables":["public.items","public.others"]}}""", Assert.Single(calls.Bodies));
        Assert.Equal(("agent_sync", "rpc/horizon"), (calls.Calls[0].Schema, calls.Calls[0].PathAndQuery));
    }

    [Fact]
    public async Task ReadAsync_Again_GivesTheSameDatasetObjects()
    {
        // The transport keeps what it knows of a dataset by the object.
        var client = Client();
        var first = await client.ReadAsync(Calls(), [Items.Dataset], TestContext.Current.CancellationToken);
        var second = await client.ReadAsync(Calls(), [Items.Dataset], TestContext.Current.CancellationToken);

        Assert.Same(first[Items.Dataset].Rows, second[Items.Dataset].Rows);
        Assert.Same(first[Items.Dataset].Tombstones, second[Items.Dataset].Tombstones);
    }

    [Fact]
    public async Task ReadAsync_NoKit_CostsOneRequestAnHour()
    {
        _answer = static () => null;
        var client = Client();
        var calls = Calls();

        for (var run = 0; run < 3; run++)
        {
            Assert.Empty(await client.ReadAsync(calls, [Items.Dataset, Others], TestContext.Current.CancellationToken));
        }

        Assert.Single(calls.Bodies);
        _time.Advance(TimeSpan.FromHours(1));
        _answer = static () => Enabled;
        Assert.Single(await client.ReadAsync(calls, [Items.Dataset, Others], TestContext.Current.CancellationToken));
        Assert.Equal(2, calls.Bodies.Count);
    }

    [Fact]
    public async Task ReadAsync_OneTableNotEnabled_AsksForTheOtherAlone()
    {
        var client = Client();
        var calls = Calls();
        await client.ReadAsync(calls, [Items.Dataset, Others], TestContext.Current.CancellationToken);

        await client.ReadAsync(calls, [Items.Dataset, Others], TestContext.Current.CancellationToken);

        Assert.Equal("""{"request":{"tables":["public.items"]}}""", calls.Bodies[1]);
    }

    [Fact]
    public async Task ReadAsync_Ignore_SendsNothing()
    {
        var calls = Calls();

        Assert.Empty(await Client(SqlKitMode.Ignore).ReadAsync(calls, [Items.Dataset], TestContext.Current.CancellationToken));
        Assert.Empty(calls.Bodies);
    }

    [Fact]
    public async Task ReadAsync_RequireAndMissing_NamesTheCallEveryTime()
    {
        var client = Client(SqlKitMode.Require);
        for (var run = 0; run < 2; run++)
        {
            var exception = await Assert.ThrowsAsync<SyncSchemaException>(
                () => client.ReadAsync(Calls(), [Items.Dataset, Others], TestContext.Current.CancellationToken));

            Assert.Equal((SyncErrorKind.SqlKit, "others"), (exception.Kind, exception.Dataset));
            Assert.Contains("select agent_sync.enable('public.others');", exception.Message, StringComparison.Ordinal);
        }
    }

    [Theory]
    [InlineData("0", "needs version 2")]
    [InlineData("3", "Update the package")]
    public async Task ReadAsync_OtherVersion_NamesBoth(string version, string advice)
    {
        _answer = () => $"{{\"kit\":{version},\"anything\":\"else\"}}";

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(ReadAsync);

        Assert.Equal(SyncErrorKind.SqlKit, exception.Kind);
        Assert.Contains($"version {version} of the SQL kit", exception.Message, StringComparison.Ordinal);
        Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
        Assert.Contains("version 2", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task GetAsync_DumpOfAnotherDatabase_NamesTheRestampCallAndLeavesTheOtherTableAlone()
    {
        _answer = static () => Enabled
            .Replace("\"needs_restamp\":false", "\"needs_restamp\":true", StringComparison.Ordinal)
            .Replace("\"public.others\":null", "\"public.others\":{\"epoch\":\"e\",\"min_retained\":\"0\",\"tombstones\":\"others\"}", StringComparison.Ordinal);
        var run = new KitRun(Client(), [Items.Dataset, Others]);

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(
            () => run.GetAsync(Calls(), Items.Dataset, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal((SyncErrorKind.SqlKit, "items"), (exception.Kind, exception.Dataset));
        Assert.Contains("select agent_sync.restamp('public.items');", exception.Message, StringComparison.Ordinal);
        Assert.NotNull(await run.GetAsync(Calls(), Others, TestContext.Current.CancellationToken));
    }

    [Theory]
    [InlineData("triggers", "ENABLE ALWAYS")]
    [InlineData("columns", "another type")]
    [InlineData("parent", "agent_sync.disable")]
    [InlineData("children", "inheritance")]
    [InlineData("unlogged", "SET LOGGED")]
    [InlineData("forced", "NO FORCE ROW LEVEL SECURITY")]
    [InlineData("key", "unique index")]
    [InlineData("canary of a later kit", "agent_sync.check()")]
    public async Task GetAsync_KitMissesChanges_SaysWhyAndNamesTheEnableCall(string problem, string advice)
    {
        _answer = () => Enabled.Replace("\"problem\":null", $"\"problem\":\"{problem}\"", StringComparison.Ordinal);

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(
            () => new KitRun(Client(), [Items.Dataset]).GetAsync(Calls(), Items.Dataset, TestContext.Current.CancellationToken).AsTask());

        Assert.Equal((SyncErrorKind.SqlKit, "items"), (exception.Kind, exception.Dataset));
        Assert.Contains(advice, exception.Message, StringComparison.Ordinal);
        Assert.Contains("select agent_sync.enable('public.items');", exception.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("canary", exception.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""["tenant","id"]""", "(tenant, id)")]
    [InlineData("""["code"]""", "(code)")]
    [InlineData("[]", "()")]
    public async Task ReadAsync_EnabledWithAnotherKey_NamesBoth(string key, string named)
    {
        _answer = () => Enabled.Replace("\"needs_restamp\"", $"\"key\":{key},\"needs_restamp\"", StringComparison.Ordinal);

        var found = await Client().ReadAsync(Calls(), [Items.Dataset], TestContext.Current.CancellationToken);

        var exception = Assert.Single(found).Value.Failure!;
        Assert.Equal((SyncErrorKind.SqlKit, "items"), (exception.Kind, exception.Dataset));
        Assert.Contains($"with the key {named}, but dataset 'items' declares the key (id)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("select agent_sync.enable('public.items', key => '{id}')", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_EnabledWithTheKeyInAnotherOrder_SaysSo()
    {
        var dataset = Dataset.Define("items").Key("id", ColumnType.Integer).Key("tenant", ColumnType.Text).UpdatedAt("updated_at").Build();
        _answer = static () => Enabled.Replace("\"needs_restamp\"", "\"key\":[\"tenant\",\"id\"],\"needs_restamp\"", StringComparison.Ordinal);

        var found = await Client().ReadAsync(Calls(), [dataset], TestContext.Current.CancellationToken);

        var exception = Assert.Single(found).Value.Failure!;
        Assert.Contains("(tenant, id), but dataset 'items' declares the key (id, tenant)", exception.Message, StringComparison.Ordinal);
        Assert.Contains("in the order", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_EnabledWithTheDatasetsKey_IsRead()
    {
        _answer = static () => Enabled.Replace("\"needs_restamp\"", "\"key\":[\"id\"],\"needs_restamp\"", StringComparison.Ordinal);

        var found = await Client().ReadAsync(Calls(), [Items.Dataset], TestContext.Current.CancellationToken);

        Assert.Equal(["id"], Assert.Single(found).Value.Table.Key!);
        Assert.Null(Assert.Single(found).Value.Failure);
    }

    [Fact]
    public async Task ReadAsync_Replica_SaysThatThePrimaryIsNeeded()
    {
        _answer = static () => throw new SyncTransportException(SyncErrorKind.ServerError, "x", null, "25006", isTransient: false);

        var exception = await Assert.ThrowsAsync<SyncSchemaException>(ReadAsync);

        Assert.Equal((SyncErrorKind.SqlKit, "25006"), (exception.Kind, exception.Code));
        Assert.Contains("primary", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_OtherFailure_FailsTheRunAndIsNotTakenForAMissingKit()
    {
        var client = Client();
        _answer = static () => throw new SyncAuthException(SyncErrorKind.PermissionDenied, "GRANT", null, "42501");
        await Assert.ThrowsAsync<SyncAuthException>(() => client.ReadAsync(Calls(), [Items.Dataset], TestContext.Current.CancellationToken));
        _answer = static () => Enabled;

        Assert.Single(await client.ReadAsync(Calls(), [Items.Dataset], TestContext.Current.CancellationToken));
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task ReadAsync_AnswerThatIsNotTheKits_IsRefusedWithoutItsContent(string reason, string json)
    {
        _answer = () => json;

        var exception = await Assert.ThrowsAsync<SyncProtocolException>(ReadAsync);

        Assert.True(exception.Kind == SyncErrorKind.UnexpectedResponse, reason);
        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
    }

    private Task ReadAsync() => Client().ReadAsync(Calls(), [Items.Dataset], TestContext.Current.CancellationToken);

    private ScriptedCalls Calls() => new(_ => _answer());

    private KitClient Client(SqlKitMode use = SqlKitMode.Detect) => new(use, _time);
}
