using System.Globalization;
using Agent.Sync.Testing;

namespace Agent.Sync.Sqlite.Tests;

/// <summary>A run that says it is complete has sent every edit that was there when it started, whatever a killed process left behind.</summary>
public sealed class KilledPushTests : StoreTest
{
    private static readonly Dataset Rows = SampleDatasets.Versioned("rows", "body").Build();

    private readonly FaultPlan _plan = new(1);
    private PostgrestDouble _server = new(new VirtualTimeProvider());
    private PostgrestTable _table = null!;
    private string _file = string.Empty;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task Sync_AfterAKillAtAnyPoint_LeavesNoEditOlderThanTheRun(bool kit)
    {
        var kills = 0;

        // Each point as often as a run reaches it, and the requests on their way there and back.
        await StartAsync("learn", kit);
        var before = _plan.ReachedPoints.ToDictionary();
        EditFirst();
        await SyncAsync(kit);
        var points = _plan.ReachedPoints.ToDictionary(point => point.Key, point => point.Value - before.GetValueOrDefault(point.Key));

        foreach (var (point, occurrence) in points.SelectMany(static point => Occurrences(point.Value).Select(number => (point.Key, number))))
        {
            await StartAsync($"{point.Replace(':', '-')}-{occurrence}", kit);
            EditFirst();
            _plan.KillAt(point, _plan.ReachedPoints.GetValueOrDefault(point) + occurrence);
            Assert.True(await Record.ExceptionAsync(() => SyncAsync(kit)) is null or SimulatedKillException);

            // How many requests a run makes depends on its pace: the last one may not come.
            kills += _plan.KilledAt is null ? 0 : 1;
            _plan.KillAt("never");
            _plan.Restart();
            EditAgain();

            var result = await SyncAsync(kit);

            Assert.Equal((point, occurrence, SyncOutcome.Completed, 0L), (point, occurrence, result.Outcome, result.Datasets[0].Pending));
            Assert.Equal(LocalRows(), ServerRows());
        }

        Assert.True(kills > 15, "A run has more points than that.");
    }

    [Theory]
    [InlineData(false, "request:after")]
    [InlineData(true, "request:after")]
    [InlineData(false, "settle:before")]
    [InlineData(true, "settle:before")]
    [InlineData(false, "take:after")]
    [InlineData(true, "take:after")]
    public async Task Sync_RowsInFlightEditedWhileNoTriggerRecorded_LosesNoEdit(bool kit, string point)
    {
        await StartAsync("unrecorded", kit);
        EditFirst();
        _plan.KillAt(point, _plan.ReachedPoints.GetValueOrDefault(point) + (point == "request:after" ? 2 : 1));
        await Assert.ThrowsAnyAsync<SimulatedKillException>(() => SyncAsync(kit));
        _plan.Restart();
        DropTriggers();
        EditAgain();

        var first = await SyncAsync(kit);
        var second = await SyncAsync(kit);

        Assert.Equal((SyncOutcome.Completed, SyncOutcome.Completed, 0L, 0L), (first.Outcome, second.Outcome, second.Datasets[0].Pending, second.Quarantined));
        Assert.Equal(LocalRows(), ServerRows());
        Assert.Contains("1=two", ServerRows());
        Assert.Contains("5=two", ServerRows());
        Assert.Contains("22=two", ServerRows());
        Assert.DoesNotContain(ServerRows(), static row => row.StartsWith("4=", StringComparison.Ordinal) || row.StartsWith("21=", StringComparison.Ordinal));
    }

    [Fact]
    public async Task Sync_EditsBehindChangesThatAKilledRunLeftInFlight_GoUpInTheSameRun()
    {
        await StartAsync("behind", kit: false);
        for (var id = 1; id <= 48; id++)
        {
            Edit($"INSERT INTO rows (id, body) VALUES ({100 + id}, 'first')");
        }

        _plan.KillAt("settle:before", _plan.ReachedPoints.GetValueOrDefault("settle:before") + 1);
        await Assert.ThrowsAnyAsync<SimulatedKillException>(() => SyncAsync(kit: false));
        _plan.Restart();
        Edit("UPDATE rows SET body = 'second' WHERE id > 100");
        for (var id = 1; id <= 20; id++)
        {
            Edit($"INSERT INTO rows (id, body) VALUES ({200 + id}, 'later')");
        }

        var result = await SyncAsync(kit: false);

        Assert.Equal((SyncOutcome.Completed, 0L), (result.Outcome, result.Datasets[0].Pending));
        Assert.Equal(LocalRows(), ServerRows());
    }

    public override void Dispose()
    {
        _server.Dispose();
        base.Dispose();
    }

    // The first and the last show every state between them.
    private static IEnumerable<int> Occurrences(int count) => new[] { 1, count }.Where(number => number >= 1 && number <= count).Distinct();

    private async Task StartAsync(string name, bool kit)
    {
        _server.Dispose();
        _server = new PostgrestDouble(new VirtualTimeProvider());
        _table = _server.AddTable(Rows);
        if (kit)
        {
            _table.EnableKit();
        }

        _file = Path.Combine(DirectoryPath, name + ".db");
        for (var id = 1; id <= 12; id++)
        {
            _table.Insert($$"""{"id":{{id}},"body":"server"}""");
        }

        Assert.Equal(SyncOutcome.Completed, (await SyncAsync(kit)).Outcome);
    }

    private void EditFirst() => Edit(
        """
        UPDATE rows SET body = 'one' WHERE id <= 4;
        DELETE FROM rows WHERE id IN (5, 6);
        INSERT INTO rows (id, body) VALUES (21, 'one'), (22, 'one');
        """);

    private void EditAgain() => Edit(
        """
        UPDATE rows SET body = 'two' WHERE id <= 3;
        DELETE FROM rows WHERE id IN (4, 21);
        INSERT OR REPLACE INTO rows (id, body) VALUES (5, 'two'), (6, 'two');
        UPDATE rows SET body = 'two' WHERE id BETWEEN 7 AND 12;
        INSERT INTO rows (id, body) VALUES (31, 'two'), (32, 'two');
        UPDATE rows SET body = 'two' WHERE id = 22;
        """);

    /// <summary>Takes the means of recording away, as a rebuild of the table does.</summary>
    private void DropTriggers() => Edit(string.Concat(new[] { "bi", "ai", "bu", "au", "ak", "ad" }.Select(static name => $"DROP TRIGGER agent_sync_{name}_rows;")));

    private void Edit(string sql) => OnFile(sql, static command => command.ExecuteNonQuery());

    private List<string> LocalRows() => OnFile("SELECT id || '=' || body FROM rows ORDER BY id", static command =>
    {
        using var reader = command.ExecuteReader();
        var rows = new List<string>();
        while (reader.Read())
        {
            rows.Add(reader.GetString(0));
        }

        return rows;
    });

    private List<string> ServerRows() => [.. _table.VisibleRows("user", "id", "body")
        .Select(static row => System.Text.Json.JsonDocument.Parse(row).RootElement)
        .OrderBy(static row => row.GetProperty("id").GetInt64())
        .Select(static row => string.Create(CultureInfo.InvariantCulture, $"{row.GetProperty("id").GetInt64()}={row.GetProperty("body").GetString()}"))];

    private T OnFile<T>(string sql, Func<Microsoft.Data.Sqlite.SqliteCommand, T> use)
    {
        using var connection = new Microsoft.Data.Sqlite.SqliteConnection($"Data Source={_file};Pooling=False");
        connection.Open();
        using var command = connection.CreateCommand();
#pragma warning disable CA2100 // The statements are the tests' own.
        command.CommandText = sql;
#pragma warning restore CA2100
        return use(command);
    }

    private async Task<SyncResult> SyncAsync(bool kit)
    {
        using var store = new SqliteStore(new SqliteStoreOptions { DatabasePath = _file, Synchronous = SqliteSynchronous.Normal });
        using var handler = new MortalHandler(_plan) { InnerHandler = new Undisposed(_server) };
        await using var engine = new SyncEngineBuilder()
            .Configure(options =>
            {
                options.Url = PostgrestDouble.Url;
                options.ApiKey = PostgrestDouble.ApiKey;
                options.AccessTokenProvider = (_, _) => ValueTask.FromResult<AccessToken?>(new AccessToken(_server.CreateToken("user")));
                options.Datasets.Add(Rows);
                options.SqlKit = kit ? SqlKitMode.Require : SqlKitMode.Ignore;
                options.Push.BatchRows = 5;
            })
            .UseHttpMessageHandler(handler)
            .UseLocalStore(new FaultyTransactionalStore(store, store, _plan))
            .Build();
        return await engine.SyncAsync(cancellationToken: Token);
    }

    /// <summary>Lets the process die before a request is sent, or when it has arrived and its answer has not.</summary>
    private sealed class MortalHandler(FaultPlan plan) : DelegatingHandler
    {
        protected override async Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken)
        {
            plan.Reach("request:before");
            var response = await base.SendAsync(request, cancellationToken);
            plan.Reach("request:after");
            return response;
        }
    }

    private sealed class Undisposed(HttpMessageHandler inner) : HttpMessageHandler
    {
        private readonly HttpMessageInvoker _invoker = new(inner, disposeHandler: false);

        protected override Task<HttpResponseMessage> SendAsync(HttpRequestMessage request, CancellationToken cancellationToken) =>
            _invoker.SendAsync(request, cancellationToken);
    }
}
