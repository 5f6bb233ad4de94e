using System.Text;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Push;

/// <summary>What the app wrote stands in the server's row, and comes back as it was.</summary>
public sealed class PushedValueTests(BackendFixture backends)
{
    /// <summary>A column, the value as the app writes it in SQL, and the server's text of it.</summary>
    private static readonly (string Column, string Local, string? Server)[] Values =
    [
        ("big", "9007199254740991", "9007199254740991"),
        ("big", "-9007199254740991", "-9007199254740991"),
        ("big", "0", "0"),
        ("amount", "'123456789.12345'", "123456789.12345"),
        ("amount", "'-0.001'", "-0.001"),
        ("amount", "'12.5'", "12.5"),
        ("amount", "7", "7"),
        ("ratio", "0.1", "0.1"),
        ("ratio", "1.7976931348623157e308", "1.7976931348623157e+308"),
        ("ratio", "5e-324", "5e-324"),
        ("ratio", "0.30000000000000004", "0.30000000000000004"),
        ("ratio", "3", "3"),
        ("label", "''", string.Empty),
        ("label", "'null'", "null"),
        ("label", "' blanks '", " blanks "),
        ("label", "'quote \" back \\ slash / comma, (x) ''one'' '", "quote \" back \\ slash / comma, (x) 'one' "),
        ("label", "'Ünïcödé 漢字 🎉 e' || char(769)", "Ünïcödé 漢字 🎉 e\u0301"),
        ("label", "'line' || char(10) || 'tab' || char(9) || char(30) || 'end'", "line\ntab\t\u001eend"),
        ("doc", "'{\"a\":1,\"b\":[true,null,\"x\"],\"c\":{\"d\":1.5}}'", "{\"a\": 1, \"b\": [true, null, \"x\"], \"c\": {\"d\": 1.5}}"),
        ("doc", "'[]'", "[]"),
        ("doc", "'\"text\"'", "\"text\""),
        ("seen", "'2026-01-01 00:00:00.123451+00:00'", "2026-01-01 00:00:00.123451+00"),
        ("seen", "'1969-12-31 23:59:59.999999+00:00'", "1969-12-31 23:59:59.999999+00"),
        ("seen", "'2026-06-01 12:00:00+02:00'", "2026-06-01 10:00:00+00"),
        ("local_time", "'2026-01-01 10:11:12.5'", "2026-01-01 10:11:12.5"),
        ("day", "'2024-02-29'", "2024-02-29"),
        ("hour", "'23:59:58'", "23:59:58"),
        ("flag", "1", "true"),
        ("flag", "0", "false"),
        ("flag", "null", null),
        ("label", "null", null),
        ("doc", "null", null),
    ];

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_InsertedValues_AreTheSameOnTheServerAndOnAnotherDevice(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Values);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var ids = new Guid[Values.Length];
        for (var i = 0; i < Values.Length; i++)
        {
            ids[i] = Guid.NewGuid();
            await LocalRows.ScalarAsync(
                device.DatabasePath, $"insert into push_values (id, {Values[i].Column}) values ('{ids[i].ToString().ToUpperInvariant()}', {Values[i].Local})");
        }

        await AssertArriveAsync(backend, device, ids);
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_UpdatedValues_AreTheSameOnTheServerAndOnAnotherDevice(bool kit)
    {
        var backend = await backends.GetAsync(kit);
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Values);
        await backend.SqlAsync(
            $$"""
            insert into public.push_values (owner_id, big, amount, ratio, label, doc, seen, local_time, day, hour, flag)
            select '{{device.User.Id}}', 1, 1, 1, 'x', '{"x": 1}', now(), now()::timestamp, '2000-01-01', '00:00:01', i % 2 = 0
            from generate_series(1, {{Values.Length}}) as i
            """);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        var ids = (await LocalRows.ReadAsync(device.DatabasePath, PushDatasets.Values)).Select(static row => Guid.Parse(row.Split(ServerRows.Separator)[0])).ToArray();
        for (var i = 0; i < Values.Length; i++)
        {
            await LocalRows.ScalarAsync(
                device.DatabasePath, $"update push_values set {Values[i].Column} = {Values[i].Local} where id = '{ids[i].ToString().ToUpperInvariant()}'");
        }

        await AssertArriveAsync(backend, device, ids, mayBeSame: true);
    }

    /// <summary>The embedded server reads a body's numbers as doubles, so these are looked at on the wire.</summary>
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task SyncAsync_NumbersThatNoDoubleHolds_GoOutDigitByDigit(bool kit)
    {
        const string Numbers =
            """
            "big":9223372036854775807,"amount":12345678901234567890.12345
            """;
        var backend = await backends.GetAsync(kit);
        using var wire = new Wire { Answer = static request => request.IsWrite ? Wire.NewAnswer(405) : null };
        await using var device = new Device(backend, await backend.SignUpAsync(), PushDatasets.Values) { Handler = wire };
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        await device.EditAsync($"insert into push_values (id, big, amount, ratio) values ({Guid.NewGuid()}, 9223372036854775807, '12345678901234567890.12345', 0.1)");

        await Record.ExceptionAsync(() => device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken));

        Assert.Contains($"{Numbers},\"ratio\":0.1", Encoding.UTF8.GetString(Assert.Single(wire.Writes).Body), StringComparison.Ordinal);
    }

    private static async Task AssertArriveAsync(Backend backend, Device device, Guid[] ids, bool mayBeSame = false)
    {
        var result = await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal((SyncOutcome.Completed, 0), (result.Outcome, result.Rejected));
        Assert.InRange(result.Pushed, mayBeSame ? Values.Length - 2 : Values.Length, Values.Length);
        for (var i = 0; i < Values.Length; i++)
        {
            var (column, _, expected) = Values[i];
            var row = Assert.Single(await backend.SqlAsync($"select {column}::text as value from public.push_values where id = '{ids[i]}'"));
            Assert.Equal((column, expected), (column, row.GetProperty("value").GetString()));
        }

        await device.AssertEqualToServerAsync();
        await using var other = new Device(backend, device.User, PushDatasets.Values);
        await other.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        Assert.Equal(await LocalRows.DigestAsync(device.DatabasePath, PushDatasets.Values), await LocalRows.DigestAsync(other.DatabasePath, PushDatasets.Values));
    }
}
