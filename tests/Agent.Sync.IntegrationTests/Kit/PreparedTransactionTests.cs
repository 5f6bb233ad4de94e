using System.Globalization;
using System.Text.Json;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Kit;

/// <summary>A prepared transaction may end after a restart, by another session: nothing of it appears below a horizon that was told meanwhile.</summary>
public sealed class PreparedTransactionTests(BackendFixture backends)
{
    private static readonly Guid Owner = Guid.NewGuid();

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Horizon_PreparedWriterEndsInAnotherSession_NothingOfItIsBelow(bool isCommitted)
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1, 2, 3);
        await table.SqlAsync(
            $"""
            begin; insert into {table.Name} (id, owner_id) values (4, '{Owner}'); savepoint s; update {table.Name} set name = 'new' where id = 1;
            delete from {table.Name} where id = 2; release s; prepare transaction '{table.Name}';
            """,
            table.Name);
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);
        long told;
        try
        {
            // What others write meanwhile does not raise it above the prepared transaction.
            for (long id = 10; id < 20; id++)
            {
                await table.InsertAsync(Owner, id);
            }

            told = HorizonOf(await table.HorizonAsync());
        }
        finally
        {
            await table.SqlAsync($"{(isCommitted ? "commit" : "rollback")} prepared '{table.Name}'");
        }

        var tombstones = await table.TombstonesOfAsync(Owner);
        if (isCommitted)
        {
            Assert.All([await table.StampAsync(1), await table.StampAsync(4), tombstones[2]], stamp => Assert.True(stamp >= told));
        }
        else
        {
            Assert.Empty(tombstones);
            Assert.Equal(await table.StampAsync(3), await table.StampAsync(1));
        }

        Assert.Empty(await table.ProblemsAsync());
    }

    [Fact]
    public async Task Push_PreparedTransactionHoldsTheRow_IsAppliedOnceItHasEnded()
    {
        backends.Main.RequireSessions();
        var table = await KitTable.CreateAsync(backends.Main);
        await table.InsertAsync(Owner, 1);
        await table.SqlAsync($"begin; update {table.Name} set note = 'prepared'; prepare transaction '{table.Name}';", table.Name);
        await backends.Main.Host.CloseSessionAsync(table.Name, TestContext.Current.CancellationToken);

        var push = table.PushAsync(Owner, new KitBatch().Update(1, null, "pushed"), $"{table.Name}_push");
        await table.SqlAsync($"commit prepared '{table.Name}'");
        var answer = await push;
        await table.SqlAsync("commit", $"{table.Name}_push");
        await backends.Main.Host.CloseSessionAsync($"{table.Name}_push", TestContext.Current.CancellationToken);

        Assert.Equal(["applied"], answer.Outcomes);
        var row = (await table.SqlAsync($"select name, note from {table.Name}"))[0];
        Assert.Equal(("pushed", "prepared"), (row.GetProperty("name").GetString(), row.GetProperty("note").GetString()));
    }

    private static long HorizonOf(JsonElement answer) => long.Parse(answer.GetProperty("horizon").GetString()!, CultureInfo.InvariantCulture);
}
