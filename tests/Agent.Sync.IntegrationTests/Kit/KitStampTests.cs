using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>A row's stamp is never below its writer's transaction id and rises with every change that others may have seen.</summary>
public sealed class KitStampTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    [Fact]
    public async Task Insert_AnyRow_CarriesTheTransactionId()
    {
        var table = await KitTable.CreateAsync(backends.Main);

        var rows = await table.SqlAsync(
            $"insert into {table.Name} (id, owner_id, sync_seq) values (1, '{Owner}', 9000000000) returning sync_seq = pg_current_xact_id()::text::bigint as is_own");

        Assert.True(rows[0].GetProperty("is_own").GetBoolean());
    }

    [Fact]
    public async Task Update_StampSentByTheWriter_IsIgnored()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);

        var rows = await table.SqlAsync(
            $"update {table.Name} set sync_seq = 9000000000 returning sync_seq = pg_current_xact_id()::text::bigint as is_own");

        Assert.True(rows[0].GetProperty("is_own").GetBoolean());
    }

    [Fact]
    public async Task Update_TwiceInOneTransaction_KeepsTheStamp()
    {
        var table = await KitTable.CreateAsync(backends.Main);

        await table.SqlAsync(
            $"""
            begin; insert into {table.Name} (id, owner_id) values (1, '{Owner}');
            update {table.Name} set name = 'a'; update {table.Name} set name = 'b'; commit;
            """);

        var rows = await table.SqlAsync($"select sync_seq = xmin::text::bigint as is_own from {table.Name}");
        Assert.True(rows[0].GetProperty("is_own").GetBoolean());
    }

    [Fact]
    public async Task Update_OlderTransactionWritesLast_StampStillRises()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var older = table.Name;
        await table.SqlAsync("begin; select pg_current_xact_id();", older);
        await table.SqlAsync($"update {table.Name} set name = 'younger'");
        var before = await table.StampAsync(1);

        await table.SqlAsync($"update {table.Name} set name = 'older'; commit;", older);

        Assert.Equal(before + 1, await table.StampAsync(1));
        await backends.Main.Host.CloseSessionAsync(older, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Update_OlderTransactionWritesAStampThatIsAnothersId_ThatOneStillRises()
    {
        // The older one's stamp, one above the younger's, is the next transaction's own id: it must not be taken for its own row.
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var older = table.Name;
        var next = $"{table.Name}-next";
        await table.SqlAsync("begin; select pg_current_xact_id();", older);
        await table.SqlAsync($"update {table.Name} set name = 'younger'");
        await table.SqlAsync("begin; select pg_current_xact_id();", next);
        await table.SqlAsync($"update {table.Name} set name = 'older'; commit;", older);
        var before = await table.StampAsync(1);

        await table.SqlAsync($"update {table.Name} set name = 'next'; commit;", next);

        Assert.True(await table.StampAsync(1) > before);
        await backends.Main.Host.CloseSessionAsync(older, TestContext.Current.CancellationToken);
        await backends.Main.Host.CloseSessionAsync(next, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Insert_OlderTransactionBringsBackADeletedKey_RowIsNotBelowItsTombstone()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var older = table.Name;
        await table.SqlAsync("begin; select pg_current_xact_id();", older);
        await table.SqlAsync($"delete from {table.Name}");
        var deleted = (await table.TombstonesOfAsync(Owner))[1];

        await table.SqlAsync($"insert into {table.Name} (id, owner_id, note) values (1, '{Owner}', 'back'); commit;", older);

        Assert.True(await table.StampAsync(1) >= deleted);
        Assert.Empty(await table.TombstonesOfAsync(Owner));
        await backends.Main.Host.CloseSessionAsync(older, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Update_InReplicaMode_IsStampedToo()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var before = await table.StampAsync(1);

        await table.SqlAsync($"begin; set local session_replication_role = replica; update {table.Name} set name = 'x'; commit;");

        Assert.True(await table.StampAsync(1) > before);
    }

    [Fact]
    public async Task Update_AfterASavepointWasRolledBack_StampIsTheTransactions()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);

        await table.SqlAsync(
            $"""
            begin; savepoint a; update {table.Name} set name = 'undone'; rollback to a;
            savepoint b; update {table.Name} set name = 'kept'; release b; commit;
            """);

        var rows = await table.SqlAsync($"select sync_seq <= xmin::text::bigint as is_low, sync_seq as stamp, name from {table.Name}");
        Assert.True(rows[0].GetProperty("is_low").GetBoolean());
        Assert.Equal("kept", rows[0].GetProperty("name").GetString());
    }
}
