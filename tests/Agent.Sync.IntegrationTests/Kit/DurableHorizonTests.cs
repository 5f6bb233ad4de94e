using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>No crash takes back an id below a horizon that was told.</summary>
public sealed class DurableHorizonTests
{
    [Fact]
    public async Task Horizon_TransactionsWereRolledBackAndTheServerCrashes_NoIdBelowItIsGivenOutAgain()
    {
        await using var backend = await Backend.StartAsync(new LocalBackendOptions { Durable = true });
        backend.RequireSessions();
        // Nothing but a commit puts the log of a rollback on disk soon.
        await backend.SqlAsync("alter system set wal_writer_delay = '10s'");
        await backend.SqlAsync("select pg_reload_conf()");
        for (var number = 0; number < 20; number++)
        {
            await backend.SqlAsync("begin; select pg_current_xact_id(); rollback;");
        }

        var written = await backend.SqlAsync("select pg_current_wal_insert_lsn()::text as lsn");
        var told = await backend.SqlAsync("""select agent_sync.horizon('{"tables":[]}') ->> 'horizon' as horizon""");
        var onDisk = await backend.SqlAsync($"select pg_current_wal_flush_lsn() >= '{written[0].GetProperty("lsn").GetString()}' as is_safe");
        await backend.Host.StopDatabaseAsync(crash: true, TestContext.Current.CancellationToken);
        await backend.Host.StartDatabaseAsync(TestContext.Current.CancellationToken);
        var next = await backend.SqlAsync("select pg_current_xact_id()::text as id");

        Assert.True(onDisk[0].GetProperty("is_safe").GetBoolean());
        Assert.True(NumberOf(next, "id") >= NumberOf(told, "horizon"));
    }

    private static long NumberOf(IReadOnlyList<JsonElement> rows, string name) => long.Parse(rows[0].GetProperty(name).GetString()!, CultureInfo.InvariantCulture);
}
