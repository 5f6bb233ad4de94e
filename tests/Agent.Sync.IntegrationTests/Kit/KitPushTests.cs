using System.Diagnostics;
using System.Text.Json.Nodes;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.Kit;
using BackendHost;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>An outcome per change: applied, conflict or rejected.</summary>
public sealed class KitPushTests(BackendFixture backends)
{
    private static readonly Guid Ada = Guid.NewGuid();
    private static readonly Guid Bob = Guid.NewGuid();

    [Fact]
    public async Task Push_InsertsUpdatesAndDeletes_AnswersInTheirOrderWithTheRowsAsTheyAre()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2, 3);
        var stamp = await table.StampAsync(1);
        var batch = new KitBatch().Update(1, stamp, "one").Insert(10, Ada, "ten").Insert(11, Ada, "eleven").Delete(2, stamp).Update(3, null, "three");

        var answer = await table.PushAsync(Ada, batch);

        Assert.Equal(["applied", "applied", "applied", "applied", "applied"], answer.Outcomes);
        Assert.Equal(batch.Operations, answer.Operations);
        Assert.Equal(["one", "ten", "eleven", null, "three"], Enumerable.Range(0, 5).Select(answer.Name));
        Assert.Equal(4, answer.RowCount);
        Assert.Equal(["id", "name", "note", "sync_seq"], answer.Row(0)!.Value.EnumerateObject().Select(static value => value.Name));
        Assert.Equal(await table.StampAsync(1), answer.Row(0)!.Value.GetProperty("sync_seq").GetInt64());
        Assert.Equal([2], (await table.TombstonesOfAsync(Ada)).Keys);
    }

    [Fact]
    public async Task Push_NoChanges_AnswersNothing()
    {
        var table = await KitTable.CreateAsync(backends.Main);

        var answer = await table.PushAsync(Ada, new KitBatch());

        Assert.Empty(answer.Outcomes);
        Assert.Equal(0, answer.RowCount);
    }

    [Fact]
    public async Task Push_InsertOfAKeyThatExists_IsAConflictUnlessTheRowIsEqual()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync($"insert into {table.Name} (id, owner_id, name) values (1, '{Ada}', 'same'), (2, '{Ada}', 'theirs')");

        var answer = await table.PushAsync(Ada, new KitBatch().Insert(1, Ada, "same").Insert(2, Ada, "mine").Insert(3, Ada, "new"));

        Assert.Equal(["applied", "conflict", "applied"], answer.Outcomes);
        Assert.Equal("theirs", answer.Name(1));
    }

    [Fact]
    public async Task Push_InsertOfAnInvisibleKey_IsRejected()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Bob, 1);

        var answer = await table.PushAsync(Ada, new KitBatch().Insert(1, Ada, "mine").Insert(2, Ada, "two"));

        Assert.Equal(["rejected:42501", "applied"], answer.Outcomes);
        Assert.Null(answer.Row(0));
    }

    [Fact]
    public async Task Push_BaseDiffers_IsAConflictUnlessTheRowIsEqual()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2, 3, 4);
        var stamp = await table.StampAsync(1);
        await table.SqlAsync($"update {table.Name} set note = 'theirs'");

        var answer = await table.PushAsync(
            Ada,
            new KitBatch().Update(1, stamp, new JsonObject { ["note"] = "mine" }).Update(2, stamp, new JsonObject { ["note"] = "theirs" })
                .Delete(3, stamp).Update(4, null, new JsonObject { ["note"] = "mine" }));

        Assert.Equal(["conflict", "applied", "conflict", "applied"], answer.Outcomes);
        Assert.Equal("theirs", answer.Row(0)!.Value.GetProperty("note").GetString());
        Assert.Equal("theirs", answer.Row(2)!.Value.GetProperty("note").GetString());
        Assert.Empty(await table.TombstonesOfAsync(Ada));
    }

    [Fact]
    public async Task Push_RowIsGone_UpdateIsAConflictAndDeleteIsApplied()
    {
        var table = await KitTable.CreateAsync(backends.Main);

        var answer = await table.PushAsync(Ada, new KitBatch().Update(1, 5, "x").Update(2, null, "y").Delete(3, 5).Delete(4, null));

        Assert.Equal(["conflict", "conflict", "applied", "applied"], answer.Outcomes);
        Assert.Equal(0, answer.RowCount);
        Assert.Empty(await table.SqlAsync($"select id from {table.Name}"));
    }

    [Fact]
    public async Task Push_AppsOwnVersionColumn_IsComparedAsItsType()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid, name text, note text, changed_at timestamptz");
        await table.SqlAsync($"insert into {table.Name} values (1, '{Ada}', 'a', null, '2026-01-01T00:00:00.123456Z'), (2, '{Ada}', 'b', null, '2026-01-01')");
        var batch = new KitBatch { Version = "changed_at" }.Update(1, 0, "new").Update(2, 0, "new");

        var body = batch.Body(table.FullName);
        body["groups"]![0]!["changes"]![0]!["base"] = "2026-01-01T01:00:00.123456+01:00";
        body["groups"]![0]!["changes"]![1]!["base"] = "2026-01-01T00:00:00.000001+00:00";
        var rows = await table.SqlAsAsync(Ada, $"select o ->> 'status' as status from json_array_elements(agent_sync.push({KitTable.Quote(body.ToJsonString())}::json) -> 'outcomes') as o;");

        Assert.Equal(["applied", "conflict"], rows.Select(static row => row.GetProperty("status").GetString()));
    }

    [Fact]
    public async Task Push_SoftDelete_MarksTheRowAndAGoneOneIsApplied()
    {
        var table = await KitTable.CreateAsync(backends.Main, "id bigint primary key, owner_id uuid, name text, note text, deleted_at timestamptz");
        await table.InsertAsync(Ada, 1, 2, 3);
        var stamp = await table.StampAsync(1);
        await table.SqlAsync($"update {table.Name} set deleted_at = '2026-01-01' where id = 2; update {table.Name} set name = 'theirs' where id = 3");

        var answer = await table.PushAsync(Ada, new KitBatch { Deleted = "deleted_at" }.Delete(1, stamp).Delete(2, stamp).Delete(3, stamp));

        Assert.Equal(["applied", "applied", "conflict"], answer.Outcomes);
        var rows = await table.SqlAsync($"select deleted_at is null as lives, deleted_at = '2026-01-01' as was from {table.Name} order by id");
        Assert.False(rows[0].GetProperty("lives").GetBoolean());
        Assert.True(rows[1].GetProperty("was").GetBoolean());
        Assert.True(rows[2].GetProperty("lives").GetBoolean());
    }

    [Theory]
    [InlineData("using (id <> 1)")]
    [InlineData("with check (id <> 1)")]
    public async Task Push_UpdateThatAPolicyRefuses_IsRejected(string rule)
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"create policy frozen on {table.Name} as restrictive for update to authenticated {rule}");

        var answer = await table.PushAsync(Ada, new KitBatch().Update(1, null, "x").Update(2, null, "y"));

        Assert.Equal(["rejected:42501", "applied"], answer.Outcomes);
        Assert.Equal($"{table.Name}-1", answer.Name(0));
    }

    [Fact]
    public async Task Push_DeleteThatAPolicyRefuses_IsRejected()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);
        await table.SqlAsync($"create policy kept on {table.Name} as restrictive for delete to authenticated using (id <> 1)");

        var answer = await table.PushAsync(Ada, new KitBatch().Delete(1, null).Delete(2, null));

        Assert.Equal(["rejected:42501", "applied"], answer.Outcomes);
        Assert.NotNull(answer.Row(0));
    }

    [Fact]
    public async Task Push_EveryType_ArrivesAsItWasSent()
    {
        var table = await KitTable.CreateAsync(
            backends.Main,
            "id bigint primary key, owner_id uuid, big bigint, amount numeric, ratio double precision, doc jsonb, raw json, seen timestamptz, day date, flag boolean, bytes bytea, list text[], mood point");
        const string Row =
            """
            "big":9223372036854775807,"amount":1234567890.12345678901234567890,"ratio":0.1,"doc":{"b":[1,null],"a":"\u00e4"},"raw":{"z":1,"a":2},"seen":"2026-01-01T00:00:00.123456+00:00","day":"2026-01-01","flag":true,"bytes":"\\x00ff","list":["a","b\"c"],"mood":"(1,2)"
            """;
        const string ColumnList = """["id","owner_id","big","amount","ratio","doc","raw","seen","day","flag","bytes","list","mood"]""";
        string Batch() => $$$"""
            {"table":"{{{table.FullName}}}","version":"sync_seq","select":{{{ColumnList}}},"deleted":null,"groups":[{"kind":"insert","columns":{{{ColumnList}}},
            "changes":[{"op":"{{{Guid.NewGuid()}}}","key":{"id":1},"base":null,"row":{"id":1,"owner_id":"{{{Ada}}}",{{{Row.Trim()}}} }}]}]}
            """;

        var first = await table.SqlAsAsync(Ada, $"select agent_sync.push({KitTable.Quote(Batch())}::json)::text as answer;");
        // Another operation with the same row: equal, so applied, whatever the column's type.
        var second = await table.SqlAsAsync(Ada, $"select agent_sync.push({KitTable.Quote(Batch())}::json) #>> '{{outcomes,0,status}}' as status;");

        var answer = first[0].GetProperty("answer").GetString()!;
        Assert.Contains("\"big\":9223372036854775807,\"amount\":1234567890.12345678901234567890,\"ratio\":0.1,", answer, StringComparison.Ordinal);
        Assert.Contains("\"raw\":{\"z\":1,\"a\":2},\"seen\":\"2026-01-01T00:00:00.123456+00:00\",\"day\":\"2026-01-01\",\"flag\":true,\"bytes\":\"\\\\x00ff\"", answer, StringComparison.Ordinal);
        Assert.Equal("applied", second[0].GetProperty("status").GetString());
    }

    [Fact]
    public async Task Push_ManyRows_AreNotCutByMaxRows()
    {
        var user = await backends.Main.SignUpAsync();
        var client = new KitHttpClient(backends.Main, user);
        var batch = new KitBatch { Select = ["id", "name", "sync_seq"] };
        for (var index = 0; index < 1_500; index++)
        {
            batch.Insert(new JsonObject { ["id"] = Guid.NewGuid().ToString(), ["type"] = "note", ["name"] = $"n{index}" });
        }

        var answer = await client.PushAsync(batch);

        Assert.Equal(1_500, answer.RowCount);
        Assert.All(answer.Outcomes, static outcome => Assert.Equal("applied", outcome));
        Assert.Equal("n1499", answer.Name(1_499));
    }

    /// <summary>Where statistics say that a user has a row or two, the planner starts from those rows. Were the batch parsed once for each, this would take a quarter of a minute.</summary>
    [Fact]
    public async Task Push_UserWithFarMoreRowsThanTheStatisticsSay_ParsesTheBatchOnce()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync(
            $"""
            alter table {table.Name} set (autovacuum_enabled = false);
            insert into {table.Name} (id, owner_id, name) select i, gen_random_uuid(), 'other ' || i from generate_series(10001, 14000) as i;
            analyze {table.Name};
            """);
        await table.InsertAsync(Ada, [.. Enumerable.Range(1, 2_000).Select(static id => (long)id)]);
        var stamp = await table.StampAsync(1);
        var batch = new KitBatch();
        for (var id = 1; id <= 300; id++)
        {
            batch.Update(id, stamp, $"{id} {new string('x', 1_000)}");
        }

        var watch = Stopwatch.StartNew();
        var answer = await table.PushAsync(Ada, batch);

        Assert.All(answer.Outcomes, static outcome => Assert.Equal("applied", outcome));
        Assert.True(watch.Elapsed < TimeSpan.FromSeconds(5), $"It took {watch.Elapsed.TotalSeconds:F1} s.");
    }

    /// <summary>What the statements need to know is read once: it took twelve times as long as one group when each group read the catalogs anew.</summary>
    [Fact]
    public async Task Push_ManyGroupsOfOneRow_TakeLittleLongerThanOneGroup()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, [.. Enumerable.Range(1, 300).Select(static id => (long)id)]);
        await table.SqlAsync($"analyze {table.Name}");
        var (one, many) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        for (var round = 0; round < 4; round++)
        {
            one = Min(one, await TimeAsync(table, static (batch, id, text) => batch.Update(id, null, text)));
            many = Min(many, await TimeAsync(table, static (batch, id, text) => batch.Update(id, null, new JsonObject { [id % 2 == 0 ? "name" : "state"] = text })));
        }

        Assert.True(many < one * 8, $"One group took {one.TotalMilliseconds:F0} ms, 300 took {many.TotalMilliseconds:F0} ms.");

        static TimeSpan Min(TimeSpan first, TimeSpan second) => first < second ? first : second;
    }

    [Fact]
    public async Task Push_TableAndColumnsAreRenamedAndRetyped_FollowsThem()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Ada, 1, 2);
        var stamp = await table.StampAsync(1);
        await table.SqlAsync($"alter table {table.Name} rename to {table.Name}_new; alter table {table.Name}_new rename note to remark; alter table {table.Name}_new alter remark type text;");
        var renamed = new KitTable(backends.Main, table.Name + "_new");
        var batch = new KitBatch { Select = ["id", "remark"] }
            .Update(1, stamp, new JsonObject { ["remark"] = "longer than twenty characters" })
            .Insert(new JsonObject { ["id"] = 3, ["owner_id"] = Ada.ToString(), ["remark"] = "new" })
            .Delete(2, stamp);

        var answer = await renamed.PushAsync(Ada, batch);
        var old = await Assert.ThrowsAsync<LocalBackendException>(() => table.PushAsync(Ada, new KitBatch().Delete(1, null)));

        Assert.Equal(["applied", "applied", "applied"], answer.Outcomes);
        Assert.Equal("longer than twenty characters", answer.Row(0)!.Value.GetProperty("remark").GetString());
        Assert.Equal("42P01", old.Code);
    }

    [Fact]
    public async Task Push_OverHttp_AnswersLikeTheFunction()
    {
        var user = await backends.Main.SignUpWithRowsAsync(1);
        var other = await backends.Main.SignUpWithRowsAsync(1);
        var own = await IdOfAsync(user);
        var foreign = await IdOfAsync(other);
        var client = new KitHttpClient(backends.Main, user);
        var batch = new KitBatch { Select = ["id", "name", "sync_seq"] }
            .Insert(new JsonObject { ["id"] = foreign, ["type"] = "note", ["name"] = "x" })
            .Insert(new JsonObject { ["id"] = own, ["type"] = "note", ["name"] = "x" })
            .Insert(new JsonObject { ["id"] = Guid.NewGuid().ToString(), ["type"] = null, ["name"] = "x" });

        var answer = await client.PushAsync(batch);
        var horizon = await client.HorizonAsync("public.artifacts", "public.nope");

        Assert.Equal(["rejected:42501", "conflict", "rejected:23502"], answer.Outcomes);
        Assert.Equal(SqlKit.Version, horizon.GetProperty("kit").GetInt32());
        Assert.Equal("artifacts", horizon.GetProperty("tables").GetProperty("public.artifacts").GetProperty("tombstones").GetString());
    }

    [Fact]
    public async Task Push_MissingGrant_FailsTheCallAndNamesTheGrant()
    {
        var table = await KitTable.CreateAsync(backends.Main);
        await table.SqlAsync($"revoke insert on {table.Name} from authenticated");

        var refusal = await Assert.ThrowsAsync<LocalBackendException>(() => table.PushAsync(Ada, new KitBatch().Insert(1, Ada, "x")));

        Assert.Equal("42501", refusal.Code);
        Assert.Contains("permission denied for table", refusal.Message, StringComparison.Ordinal);
    }

    /// <summary>Sends an update for each of 300 rows and returns how long it took.</summary>
    private static async Task<TimeSpan> TimeAsync(KitTable table, Action<KitBatch, long, string> add)
    {
        var batch = new KitBatch();
        for (var id = 1; id <= 300; id++)
        {
            add(batch, id, Guid.NewGuid().ToString());
        }

        var watch = Stopwatch.StartNew();
        var answer = await table.PushAsync(Ada, batch);
        var elapsed = watch.Elapsed;
        Assert.All(answer.Outcomes, static outcome => Assert.Equal("applied", outcome));
        return elapsed;
    }

    private async Task<string> IdOfAsync(TestUser user) =>
        (await backends.Main.SqlAsync($"select id::text from public.artifacts where owner_id = '{user.Id}'"))[0].GetProperty("id").GetString()!;
}
