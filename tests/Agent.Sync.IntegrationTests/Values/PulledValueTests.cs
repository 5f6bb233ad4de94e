using System.Text;
using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.IntegrationTests.Values;

/// <summary>What stands in the server's row stands in the local one.</summary>
public sealed class PulledValueTests(BackendFixture backends)
{
    private static readonly Dataset Extremes = Dataset.Define("extremes")
        .Key("id", ColumnType.Uuid)
        .Column("big", ColumnType.Integer)
        .Column("amount", ColumnType.Numeric)
        .Column("ratio", ColumnType.Double)
        .Column("label", ColumnType.Text)
        .Column("doc", ColumnType.Json)
        .Column("seen", ColumnType.Timestamptz)
        .Column("local_time", ColumnType.Timestamp)
        .Column("day", ColumnType.Date)
        .Column("hour", ColumnType.Time)
        .Column("flag", ColumnType.Boolean)
        .Column("raw", ColumnType.Bytes)
        .UpdatedAt("updated_at")
        .Build();

    // Not bytea: the embedded server sends it as an object, not as PostgREST's text.
    [Theory]
    [InlineData("big", "9223372036854775807", "9223372036854775807")]
    [InlineData("big", "-9223372036854775808", "-9223372036854775808")]
    [InlineData("big", "9007199254740993", "9007199254740993")]
    [InlineData("big", "-9007199254740993", "-9007199254740993")]
    [InlineData("amount", "12345678901234567890.12345", "12345678901234567890.12345")]
    [InlineData("amount", "-0.000000000000000000000000001", "-0.000000000000000000000000001")]
    [InlineData("amount", "12.50", "12.5")]
    [InlineData("amount", "100", "100.0")]
    [InlineData("amount", "123456789012345678901234567890123456789.5", "123456789012345678901234567890123456789.5")]
    [InlineData("seen", "'2026-01-01 00:00:00.123451+00'", "2026-01-01 00:00:00.123451+00:00")]
    [InlineData("seen", "'2026-01-01 00:00:00.000001+00'", "2026-01-01 00:00:00.000001+00:00")]
    [InlineData("seen", "'1969-12-31 23:59:59.999999+00'", "1969-12-31 23:59:59.999999+00:00")]
    [InlineData("seen", "'2026-06-01 12:00:00+02'", "2026-06-01 10:00:00+00:00")]
    [InlineData("local_time", "'2026-01-01 10:11:12.5'", "2026-01-01 10:11:12.5")]
    [InlineData("day", "'2024-02-29'", "2024-02-29")]
    [InlineData("hour", "'23:59:58'", "23:59:58")]
    [InlineData("flag", "true", "1")]
    [InlineData("flag", "false", "0")]
    [InlineData("label", "''", "")]
    [InlineData("label", "'null'", "null")]
    public async Task SyncAsync_Value_IsKeptExactly(string column, string sql, string expected)
    {
        var actual = await RoundTripAsync(column, sql);

        Assert.Equal(expected, actual);
    }

    [Theory]
    [InlineData("big")]
    [InlineData("amount")]
    [InlineData("ratio")]
    [InlineData("label")]
    [InlineData("doc")]
    [InlineData("seen")]
    [InlineData("flag")]
    [InlineData("raw")]
    public async Task SyncAsync_Null_StaysNull(string column)
    {
        Assert.Null(await RoundTripAsync(column, "null"));
    }

    [Fact]
    public async Task SyncAsync_UnicodeText_IsKeptByteForByte()
    {
        const string Text = "tab\t quote\" back\\slash / nl\n cr\r é e\u0301 ß 日本語 🙂 👩‍👩‍👧 \u200f\u202e \u2028 \u007f \u0001 \ufffd";

        var actual = await RoundTripAsync("label", $"convert_from('\\x{Convert.ToHexStringLower(Encoding.UTF8.GetBytes(Text))}', 'UTF8')");

        Assert.Equal(Text, actual);
    }

    [Fact]
    public async Task SyncAsync_NumbersBesideTextBeyondLatin1_AreKeptExactly()
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync(
            $"insert into public.extremes (owner_id, label, amount, big) select '{user.Id}', '🙂', 442.910 + n, 9007199254740993 + n from generate_series(1, 20) n");
        await using var device = new Device(backends.Main, user, Extremes);

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        Assert.Equal(
            20L,
            await LocalRows.ScalarAsync(device.DatabasePath, "select count(*) from extremes where label = '🙂' and amount = printf('%d.91', 442 + big - 9007199254740993)"));
    }

    [Fact]
    public async Task SyncAsync_Doubles_AreKeptExactly()
    {
        var user = await backends.Main.SignUpAsync();
        double[] values = [0.1, 1 / 3.0, 1e300, 5e-324, -1.7976931348623157e308, 123456789.123456789, 0, 9007199254740993];
        await backends.Main.SqlAsync(
            $"insert into public.extremes (owner_id, ratio) values {string.Join(", ", values.Select(value => string.Create(System.Globalization.CultureInfo.InvariantCulture, $"('{user.Id}', '{value:R}')")))}");
        await using var device = new Device(backends.Main, user, Extremes);

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        var kept = new List<double>();
        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var command = connection.CreateCommand();
        command.CommandText = "select ratio from extremes";
        await using var reader = await command.ExecuteReaderAsync(TestContext.Current.CancellationToken);
        while (await reader.ReadAsync(TestContext.Current.CancellationToken))
        {
            kept.Add(reader.GetDouble(0));
        }

        Assert.Equal(values.Order(), kept.Order());
    }

    [Fact]
    public async Task SyncAsync_Json_IsKeptAsTheServerSendsIt()
    {
        const string Document = """{"a": [1, 2.5, -3e10, true, null, "é\"\\\n🙂"], "b": {"c": {"d": []}}, "z": {}}""";
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync($"insert into public.extremes (owner_id, doc) values ('{user.Id}', '{Document}')");
        await using var device = new Device(backends.Main, user, Extremes);
        await using var open = device.Open();
        await open.Engine.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        string? sent = null;
        await foreach (var page in open.Engine.ReadPagesAsync("extremes", cancellationToken: TestContext.Current.CancellationToken))
        {
            sent = Encoding.UTF8.GetString(page.GetCell(0, 5).Utf8);
        }

        var kept = (string?)await LocalRows.ScalarAsync(device.DatabasePath, "select doc from extremes");

        // The embedded server sends jsonb without blanks and with its own number texts; what it sends is kept.
        Assert.Equal(sent, kept);
        Assert.True(System.Text.Json.Nodes.JsonNode.DeepEquals(
            System.Text.Json.Nodes.JsonNode.Parse(Document.Replace("-3e10", "-30000000000", StringComparison.Ordinal)), System.Text.Json.Nodes.JsonNode.Parse(kept!)));
    }

    [Fact]
    public async Task SyncAsync_UuidTimestampAndDecimal_AreFoundByParameters()
    {
        var user = await backends.Main.SignUpAsync();
        var id = Guid.NewGuid();
        await backends.Main.SqlAsync(
            $"insert into public.extremes (id, owner_id, amount, seen) values ('{id}', '{user.Id}', 12.50, '2026-01-01 00:00:00.123451+00')");
        await using var device = new Device(backends.Main, user, Extremes);

        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);

        await using var connection = await LocalRows.OpenAsync(device.DatabasePath);
        await using var command = connection.CreateCommand();
        command.CommandText = "select count(*) from extremes where id = $id and amount = $amount and seen = $seen";
        command.Parameters.Add(new SqliteParameter("$id", id));
        command.Parameters.Add(new SqliteParameter("$amount", 12.50m));
        command.Parameters.Add(new SqliteParameter("$seen", new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).AddTicks(1_234_510)));
        Assert.Equal(1L, await command.ExecuteScalarAsync(TestContext.Current.CancellationToken));
    }

    private async Task<string?> RoundTripAsync(string column, string sql)
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.SqlAsync($"insert into public.extremes (owner_id, {column}) values ('{user.Id}', {sql})");
        await using var device = new Device(backends.Main, user, Extremes);
        await device.SyncAsync(cancellationToken: TestContext.Current.CancellationToken);
        return await LocalRows.ScalarAsync(device.DatabasePath, $"select {column} from extremes") switch
        {
            DBNull => null,
            long number => number.ToString(System.Globalization.CultureInfo.InvariantCulture),
            var other => (string?)other,
        };
    }
}
