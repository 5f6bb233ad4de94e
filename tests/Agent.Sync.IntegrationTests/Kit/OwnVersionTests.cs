using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>What one transaction does to a row, sub-transactions and triggers included, is one change; a living row is never below a tombstone of its key.</summary>
public sealed class OwnVersionTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    public static TheoryData<string, string> Cycles => new()
    {
        { "updates in sub-transactions", "update {0} set name = name || i where id = 1;" },
        { "deletes and inserts in sub-transactions", "delete from {0} where id = 1; insert into {0} (id, owner_id, name) values (1, '{1}', i);" },
        { "upserts", "insert into {0} (id, owner_id, name) values (1, '{1}', i) on conflict (id) do update set note = i;" },
        { "merges", "merge into {0} as t using (select 1 as id) as s on t.id = s.id when matched then update set note = i;" },
        { "moves of the key and back", "update {0} set id = 2 where id = 1; update {0} set id = 1 where id = 2;" },
        { "moves of the owner and back", "update {0} set owner_id = gen_random_uuid() where id = 1; update {0} set owner_id = '{1}' where id = 1;" },
    };

    [Theory]
    [MemberData(nameof(Cycles))]
    public async Task Stamp_ManyTimesInOneTransaction_StaysTheTransactions(string kind, string statements)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        var statement = string.Format(System.Globalization.CultureInfo.InvariantCulture, statements, table.Name, Owner);

        var rows = await table.SqlAsync(
            $"""
            begin;
            do $do$ begin for i in 1 .. 40 loop begin {statement} exception when division_by_zero then null; end; end loop; end $do$;
            select max(sync_seq) = pg_current_xact_id()::text::bigint as is_own,
                (select coalesce(max(k.sync_seq), 0) <= pg_current_xact_id()::text::bigint from {table.Tombstones} as k) as are_own from {table.Name};
            commit;
            """);

        Assert.True(rows[0].GetProperty("is_own").GetBoolean(), kind);
        Assert.True(rows[0].GetProperty("are_own").GetBoolean(), kind);
    }

    [Fact]
    public async Task Stamp_ParentOfManyPushedChildren_StaysBelowTheNextTransactionId()
    {
        var parent = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid not null, name text, children bigint not null default 0");
        var table = await KitTable.CreateAsync(backends.Main);
        await parent.InsertAsync(Owner, 1);
        await table.SqlAsync(
            $"""
            create function count_{table.Name}() returns trigger language plpgsql security definer as
                'begin update {parent.FullName} set children = children + 1; return null; end';
            create trigger count after insert on {table.Name} for each row execute function count_{table.Name}();
            """);

        for (var call = 0; call < 3; call++)
        {
            var batch = new KitBatch();
            for (var id = 1; id <= 100; id++)
            {
                batch.Insert((call * 100) + id, Owner, name: null);
            }

            Assert.All((await table.PushAsync(Owner, batch)).Outcomes, static outcome => Assert.Equal("applied", outcome));
        }

        var rows = await table.SqlAsync($"select sync_seq < pg_snapshot_xmax(pg_current_snapshot())::text::bigint as is_low, children::int as children from {parent.Name}");
        Assert.True(rows[0].GetProperty("is_low").GetBoolean());
        Assert.Equal(300, rows[0].GetProperty("children").GetInt32());
    }

    [Theory]
    [InlineData("sync_seq = 9000000000")]
    [InlineData("sync_seq = sync_seq + 1000")]
    [InlineData("sync_seq = 0")]
    public async Task Update_OfTheStampByAWriter_IsIgnoredWhateverTheSessionSets(string change)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);

        var rows = await table.SqlAsAsync(
            Owner,
            $"""
            select set_config('agent_sync.restamp', '9000000000', true);
            update {table.Name} set {change} returning sync_seq = pg_current_xact_id()::text::bigint as is_own;
            """);

        Assert.True(rows[0].GetProperty("is_own").GetBoolean());
    }

    [Fact]
    public async Task Delete_TriggerBringsTheKeyBack_RowIsNotBelowItsTombstone()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            create function back_{table.Name}() returns trigger language plpgsql as
                'begin if pg_trigger_depth() < 2 then insert into {table.Name} (id, owner_id) values (old.id, old.owner_id); end if; return null; end';
            create trigger back after delete on {table.Name} for each row execute function back_{table.Name}();
            """);
        await table.InsertAsync(Owner, 1);

        await table.SqlAsync($"begin; insert into {table.Name} (id, owner_id) values (2, '{Owner}'); delete from {table.Name} where id = 2; commit;");
        await table.SqlAsync($"delete from {table.Name} where id = 1");

        Assert.Equal([1, 2], (await LivingAsync(table)).Order());
        await AssertAgreesAsync(table);
    }

    [Theory]
    [InlineData("insert into {0} (id, owner_id, name) values (1, '{1}', 'x'); delete from {0} where id = 1; insert into {0} (id, owner_id, name) values (1, '{1}', 'kill');")]
    [InlineData("insert into {0} (id, owner_id, name) values (1, '{1}', 'kill');")]
    [InlineData("insert into {0} (id, owner_id, name) values (1, '{1}', 'x'); update {0} set name = 'kill' where id = 1;")]
    public async Task Insert_TriggerDeletesAgain_TombstoneStays(string statements)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        await table.SqlAsync(
            $"""
            create function again_{table.Name}() returns trigger language plpgsql as
                'begin delete from {table.Name} where id = new.id and name = ''kill''; return null; end';
            create trigger again after insert or update on {table.Name} for each row execute function again_{table.Name}();
            """);

        await table.SqlAsync($"begin; delete from {table.Name} where id = 1; {string.Format(System.Globalization.CultureInfo.InvariantCulture, statements, table.Name, Owner)} commit;");

        Assert.Empty(await LivingAsync(table));
        Assert.Equal([1], (await table.TombstonesOfAsync(Owner)).Keys);
    }

    [Fact]
    public async Task Update_TriggerMovesTheRowOn_TombstoneOfTheValueBetweenStays()
    {
        // Ada had the row, Bob has it; it is given to Ada, and a trigger of the app's gives it to Cleo at once.
        var table = await KitTable.CreateAsync(backends.Main);
        var (ada, bob, cleo) = (Guid.NewGuid(), Guid.NewGuid(), Guid.NewGuid());
        await table.InsertAsync(ada, 1);
        await table.SqlAsync($"update {table.Name} set owner_id = '{bob}'");
        await table.SqlAsync(
            $"""
            create function on_{table.Name}() returns trigger language plpgsql as
                'begin update {table.Name} set owner_id = ''{cleo}'' where id = new.id and owner_id = ''{ada}''; return null; end';
            create trigger move after update on {table.Name} for each row execute function on_{table.Name}();
            """);

        await table.SqlAsync($"update {table.Name} set owner_id = '{ada}'");

        Assert.Equal([1], (await table.TombstonesOfAsync(ada)).Keys);
        Assert.Equal([1], (await table.TombstonesOfAsync(bob)).Keys);
        Assert.Empty(await table.TombstonesOfAsync(cleo));
    }

    [Fact]
    public async Task Insert_OlderTransactionAfterSeveralYoungerOnes_RowIsNotBelowItsTombstone()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        await table.SqlAsync("begin; select pg_current_xact_id();", table.Name);
        await table.SqlAsync($"update {table.Name} set note = 'younger'; update {table.Name} set owner_id = gen_random_uuid(); delete from {table.Name};");
        var seen = (await table.SqlAsync($"select max(sync_seq)::int as stamp from {table.Tombstones}"))[0].GetProperty("stamp").GetInt32();

        await table.SqlAsync($"insert into {table.Name} (id, owner_id, note) values (1, '{Owner}', 'back'); commit;", table.Name);

        Assert.True(await table.StampAsync(1) >= seen);
        await AssertAgreesAsync(table);
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);
    }

    [Fact]
    public async Task Insert_ManyKeysComeBack_GoesThroughTheIndexes()
    {
        // A plan that reads all tombstones for every row takes minutes here.
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync($"vacuum analyze {table.Tombstones}");
        await table.SqlAsync($"insert into {table.Name} (id, owner_id) select i, '{Owner}' from generate_series(1, 20000) as i");
        await table.SqlAsync($"update {table.Name} set owner_id = gen_random_uuid()");

        await table.SqlAsync(
            $"""
            begin; set local statement_timeout = '60s'; delete from {table.Name};
            insert into {table.Name} (id, owner_id) select i, '{Owner}' from generate_series(1, 20000) as i; commit;
            """);

        Assert.Empty(await table.TombstonesOfAsync(Owner));
        await AssertAgreesAsync(table);
    }

    private static async Task<IEnumerable<long>> LivingAsync(KitTable table) =>
        (await table.SqlAsync($"select id::int as id from {table.Name}")).Select(static row => (long)row.GetProperty("id").GetInt32());

    private static async Task AssertAgreesAsync(KitTable table) =>
        Assert.Empty(await table.SqlAsync($"select r.id from {table.Name} as r join {table.Tombstones} as k on k.id = r.id where k.sync_seq > r.sync_seq"));
}
