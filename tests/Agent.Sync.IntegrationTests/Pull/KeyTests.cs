using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Agent.Sync.IntegrationTests.Faults;

namespace Agent.Sync.IntegrationTests.Pull;

public sealed class KeyTests(BackendFixture backends)
{
    // Each collation has its own order for these; some need quoting in a filter, some in JSON, some in a URL.
    // Left to the double of Agent.Sync.Testing: quotes, backslashes, blanks at an end, and the word null, which the
    // embedded server reads in another way than PostgREST.
    private const string Words =
        "('a'), ('B'), ('c'), ('D'), ('A'), ('b'), ('ä'), ('Z'), ('z'), ('_x'), ('x_'), ('10'), ('9'), ('a b'), ('a,b'), ('a(b)'), "
        + "('a.b'), ('a:b'), ('a%b'), ('a&b=c'), ('a+b'), ('ß'), ('ss'), ('日本'), ('🙂'), ('é'), ('e'), ('co-op'), ('coop'), "
        + "('*'), ('a*')";

    [Theory]
    [InlineData("words")]
    [InlineData("words_c")]
    public async Task SyncAsync_TextKeysUnderACollation_AllArriveInTheBackfillAndInTheDelta(string table)
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync(
            $"""
            insert into public.{table} (code, owner_id, note, updated_at)
            select code, '{user.Id}', 'first', now() - interval '1 day' from (values {Words}) as words (code);
            """);
        await using var device = new Device(backends.Main, user, Datasets.Words(table)) { Configure = static options => options.PageSize = 3 };

        var first = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        await device.AssertEqualToServerAsync();
        await backends.Main.SqlAsync($"update public.{table} set note = 'second', updated_at = now() - interval '2 seconds' where owner_id = '{user.Id}'");
        var second = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(first.Applied, second.Applied);
        await device.AssertEqualToServerAsync();
    }

    [Fact]
    public async Task SyncAsync_CompositeKey_AllArriveInTheBackfillAndInTheDelta()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync(
            $"""
            insert into public.parts (tenant, seq, owner_id, note, updated_at)
            select 'tenant ' || i % 3, i % 7, '{user.Id}', 'part ' || i, now() - interval '1 day' from generate_series(1, 210) as i;
            """);
        await using var device = new Device(backends.Main, user, Datasets.Parts) { Configure = static options => options.PageSize = 4 };

        var first = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(210, first.Applied);
        await device.AssertEqualToServerAsync();
        await backends.Main.SqlAsync($"update public.parts set note = note || '!', updated_at = now() - interval '2 seconds' where owner_id = '{user.Id}'");
        var second = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(210, second.Applied);
        await device.AssertEqualToServerAsync();
    }

    /// <summary>The first column is the user's id in every row, so that the ranges are bounded by two columns.</summary>
    [Fact]
    public async Task SyncAsync_CompositeKeyReadInRanges_AllArrive()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync(
            $"""
            insert into public.gaps (owner_id, id, updated_at)
            select '{user.Id}', i * 1000, now() - interval '1 day' from generate_series(-1500, 1499) as i;
            """);
        var dataset = Dataset.Define("gaps").Key("owner_id", ColumnType.Uuid).Key("id", ColumnType.Integer).UpdatedAt("updated_at").Build();
        using var server = new FarAway(new SocketsHttpHandler { AllowAutoRedirect = false });
        await using var device = new Device(backends.Main, user, dataset) { Configure = static options => options.PageSize = 10, Handler = server };

        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(3_000, result.Applied);
        Assert.InRange(server.Queries.Count(static query => query.Contains("and=(or(owner_id.lt.", StringComparison.Ordinal)), 10, int.MaxValue);
        await device.AssertEqualToServerAsync();
    }
}
