using System.Text;
using Dapper;
using Microsoft.Data.Sqlite;

namespace Agent.Sync.Sqlite.Tests.Values;

/// <summary>Each value is found by the parameter an app would look for it with, and read back as it was.</summary>
public sealed class ValueTests : StoreTest
{
    [Theory]
    [InlineData("\"0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01\"")]
    public Task Apply_UuidAsText_MatchesAGuidParameter(string json) =>
        AssertMatchesAsync(ColumnType.Uuid, json, Guid.Parse("0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01"));

    [Fact]
    public async Task Apply_UuidAsBlob_MatchesABlobParameterAndGetGuid()
    {
        var dataset = DatasetOf(ColumnType.Uuid);
        var value = Guid.Parse("0b6e0a3c-58a6-4f6e-9d4c-1e7f5f0a9b01");
        using var store = OpenStore(static options => options.UuidFormat = SqliteUuidFormat.Blob);
        await store.PrepareAsync(dataset, Token);
        await ApplyAsync(store, dataset, null, Row($"\"{value}\""));

        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT v FROM t WHERE v = $v";
        command.Parameters.Add("$v", SqliteType.Blob).Value = value;
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read());
        Assert.Equal(value, reader.GetGuid(0));
        Assert.Equal(16, ((byte[])reader.GetValue(0)).Length);
    }

    [Theory]
    [InlineData("2026-01-01T00:00:00+00:00")]
    [InlineData("2026-01-01T12:34:56.123456+00:00")]
    [InlineData("2026-01-01T12:34:56.1+00:00")]
    [InlineData("2026-01-01T12:34:56.123450+00:00")]
    [InlineData("2026-01-01T12:34:56.000001+00:00")]
    [InlineData("2026-01-01T12:34:56.5Z")]
    [InlineData("2026-01-01T01:30:00.25+05:45")]
    [InlineData("2025-12-31T23:59:59.999999-01:00")]
    [InlineData("2024-02-29T23:30:00-03:30")]
    [InlineData("0001-01-01T00:00:00+00:00")]
    [InlineData("9999-12-31T23:59:59.999999+00:00")]
    [InlineData("2026-01-01 12:34:56+00")]
    public Task Apply_Timestamptz_MatchesAUtcDateTimeOffsetParameter(string text) =>
        AssertMatchesAsync(
            ColumnType.Timestamptz, $"\"{text}\"", DateTimeOffset.Parse(text, System.Globalization.CultureInfo.InvariantCulture).ToUniversalTime());

    [Theory]
    [InlineData("infinity")]
    [InlineData("-infinity")]
    [InlineData("0044-03-15T00:00:00+00:00 BC")]
    [InlineData("10000-01-01T00:00:00+00:00")]
    [InlineData("0001-01-01T00:00:00+01:00")]
    [InlineData("9999-12-31T23:59:59-01:00")]
    [InlineData("2026-02-30T00:00:00+01:00")]
    public Task Apply_TimestamptzThatNoDateTimeOffsetHolds_KeepsItsText(string text) =>
        AssertMatchesAsync(ColumnType.Timestamptz, $"\"{text}\"", text);

    [Theory]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-01-01T12:34:56.123456")]
    [InlineData("2026-01-01T12:34:56.120000")]
    public Task Apply_Timestamp_MatchesADateTimeParameter(string text) =>
        AssertMatchesAsync(ColumnType.Timestamp, $"\"{text}\"", DateTime.Parse(text, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public Task Apply_Date_MatchesADateOnlyParameter() => AssertMatchesAsync(ColumnType.Date, "\"2026-02-28\"", new DateOnly(2026, 2, 28));

    [Theory]
    [InlineData("12:34:56")]
    [InlineData("12:34:56.5")]
    [InlineData("12:34:56.123456")]
    [InlineData("00:00:00")]
    [InlineData("12:34:56.000000")]
    public Task Apply_Time_MatchesATimeOnlyParameter(string text) =>
        AssertMatchesAsync(ColumnType.Time, $"\"{text}\"", TimeOnly.Parse(text, System.Globalization.CultureInfo.InvariantCulture));

    [Fact]
    public Task Apply_EndOfDay_KeepsItsText() => AssertMatchesAsync(ColumnType.Time, "\"24:00:00\"", "24:00:00");

    [Theory]
    [InlineData("5")]
    [InlineData("0")]
    [InlineData("1.10")]
    [InlineData("-0.000123000")]
    [InlineData("12345678901234567890.12345678")]
    [InlineData("79228162514264337593543950335")]
    [InlineData("0.0000000000000000000000000001")]
    [InlineData("7.9228162514264337593543950335")]
    [InlineData("100.00000000000000000000000000000000000000")]
    public Task Apply_NumericThatADecimalHolds_MatchesADecimalParameter(string digits) =>
        AssertMatchesAsync(ColumnType.Numeric, digits, decimal.Parse(digits, System.Globalization.CultureInfo.InvariantCulture));

    [Theory]
    [InlineData("79228162514264337593543950336")]
    [InlineData("123456789012345678901234567890123456789012345678901234567890.123456789")]
    [InlineData("0.12345678901234567890123456789")]
    [InlineData("8.0000000000000000000000000001")]
    public Task Apply_NumericThatNoDecimalHolds_KeepsTheServersDigits(string digits) =>
        AssertMatchesAsync(ColumnType.Numeric, digits, digits);

    [Fact]
    public Task Apply_NumericNaN_KeepsItsName() => AssertMatchesAsync(ColumnType.Numeric, "\"NaN\"", "NaN");

    [Theory]
    [InlineData(long.MaxValue)]
    [InlineData(long.MinValue)]
    [InlineData(9_007_199_254_740_993)]
    [InlineData(0)]
    public Task Apply_IntegerOfAnySize_RoundTrips(long value) =>
        AssertMatchesAsync(ColumnType.Integer, value.ToString(System.Globalization.CultureInfo.InvariantCulture), value);

    [Theory]
    [InlineData("1.5")]
    [InlineData("1e3")]
    [InlineData("9223372036854775808")]
    public Task Apply_NumberThatIsNoInteger_IsASchemaError(string digits) =>
        Assert.ThrowsAsync<SyncSchemaException>(() => StartAsync(DatasetOf(ColumnType.Integer), Row(digits)));

    [Theory]
    [InlineData("true", true)]
    [InlineData("false", false)]
    public Task Apply_Boolean_MatchesABoolParameter(string json, bool value) => AssertMatchesAsync(ColumnType.Boolean, json, value);

    [Theory]
    [InlineData("0.1", 0.1)]
    [InlineData("1e308", 1e308)]
    [InlineData("-2.2250738585072014E-308", -2.2250738585072014E-308)]
    [InlineData("3", 3d)]
    [InlineData("\"Infinity\"", double.PositiveInfinity)]
    [InlineData("\"-Infinity\"", double.NegativeInfinity)]
    public Task Apply_Double_RoundTrips(string json, double value) => AssertMatchesAsync(ColumnType.Double, json, value);

    [Fact]
    public async Task Apply_DoubleNaN_IsNull()
    {
        await StartAsync(DatasetOf(ColumnType.Double), Row("\"NaN\""));

        Assert.Equal(DBNull.Value, Scalar("SELECT v FROM t"));
    }

    [Theory]
    [InlineData("\"\"", "")]
    [InlineData("\"plain\"", "plain")]
    [InlineData("\"123\"", "123")]
    [InlineData("\"a\\n\\\"b\\\"\\\\ \\u00e9\"", "a\n\"b\"\\ é")]
    [InlineData("\"\\ud83d\\ude80 🚀 日本\"", "🚀 🚀 日本")]
    public Task Apply_Text_RoundTrips(string json, string value) => AssertMatchesAsync(ColumnType.Text, json, value);

    [Fact]
    public async Task Apply_TextWithANul_KeepsAllItsBytes()
    {
        await StartAsync(DatasetOf(ColumnType.Text), Row("\"a\\u0000b\""));

        Assert.Equal("610062", Scalar("SELECT hex(CAST(v AS BLOB)) FROM t"));
        Assert.Equal("text", Scalar("SELECT typeof(v) FROM t"));
    }

    [Fact]
    public async Task Apply_TextWithALoneSurrogate_IsRefusedAsAPageWithoutTheText()
    {
        var exception = await Assert.ThrowsAsync<SyncProtocolException>(() => StartAsync(DatasetOf(ColumnType.Text), Row("\"canary\\ud800\"")));

        Assert.DoesNotContain("canary", exception.ToString(), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("""{"b": 1.10,  "a":[1e400, "\u0000\ud83d\ude80", null]}""")]
    [InlineData("[]")]
    [InlineData("1.10")]
    [InlineData("\"a\\u0041\"")]
    [InlineData("true")]
    public Task Apply_Json_KeepsTheServersBytes(string json) => AssertMatchesAsync(ColumnType.Json, json, json);

    [Theory]
    [InlineData("\"\\\\x0123abFF\"", new byte[] { 1, 0x23, 0xab, 0xff })]
    [InlineData("\"\\\\x\"", new byte[0])]
    public Task Apply_Bytes_AreABlob(string json, byte[] value) => AssertMatchesAsync(ColumnType.Bytes, json, value);

    [Theory]
    [InlineData("\"plain\"")]
    [InlineData("\"\\\\x012\"")]
    [InlineData("\"\\\\xzz\"")]
    public Task Apply_BytesNotInHex_AreASchemaError(string json) =>
        Assert.ThrowsAsync<SyncSchemaException>(() => StartAsync(DatasetOf(ColumnType.Bytes), Row(json)));

    [Fact]
    public async Task Apply_NullOfEveryType_IsNullAlsoOverAValue()
    {
        using var store = OpenStore(static options => options.RecordChanges = false);
        foreach (var type in Enum.GetValues<ColumnType>())
        {
            var dataset = Dataset.Define($"t{type}").Key("id", ColumnType.Integer).Column("v", type).UpdatedAt("updated_at").Build();
            await store.PrepareAsync(dataset, Token);
            Execute($"INSERT INTO t{type} (id, v) VALUES (1, 'x')");

            await ApplyAsync(store, dataset, null, Row("null"));

            Assert.Equal("null", Scalar($"SELECT typeof(v) FROM t{type}"));
        }
    }

    [Fact]
    public async Task Apply_LongEscapedText_RoundTrips()
    {
        var value = string.Concat(Enumerable.Repeat("line\n€", 20_000));
        var json = $"\"{System.Text.Json.JsonEncodedText.Encode(value)}\"";

        await StartAsync(DatasetOf(ColumnType.Text), Row(json));

        Assert.Equal(value, Scalar("SELECT v FROM t"));
    }

    [Fact]
    public async Task Query_WithDapperParameters_FindsTheRow()
    {
        var dataset = Dataset.Define("t").Key("id", ColumnType.Uuid).Column("v", ColumnType.Numeric).UpdatedAt("updated_at").Build();
        var id = Guid.NewGuid();
        await StartAsync(dataset, $$"""{"id":"{{id}}","v":12.50,"updated_at":"2026-01-01T12:34:56.123456+00:00"}""");
        using var connection = Connect();

        var at = new DateTimeOffset(2026, 1, 1, 12, 34, 56, TimeSpan.Zero).AddTicks(1_234_560);
        var found = await connection.QuerySingleAsync<string>("SELECT v FROM t WHERE id = @id AND updated_at = @at AND v = @v", new { id, at, v = 12.5m });

        Assert.Equal("12.5", found);
    }

    private static Dataset DatasetOf(ColumnType type) =>
        Dataset.Define("t").Key("id", ColumnType.Integer).Column("v", type).UpdatedAt("updated_at").Build();

    private static string Row(string value) => $$"""{"id":1,"v":{{value}},"updated_at":"2026-01-01T00:00:00+00:00"}""";

    private async Task AssertMatchesAsync<T>(ColumnType type, string json, T value)
        where T : notnull
    {
        await StartAsync(DatasetOf(type), Row(json));

        using var connection = Connect();
        using var command = connection.CreateCommand();
        command.CommandText = "SELECT v FROM t WHERE v = $v";
        command.Parameters.AddWithValue("$v", value);
        using var reader = command.ExecuteReader();
        Assert.True(reader.Read(), $"A {typeof(T).Name} parameter does not find the value.");
        Assert.Equal(value, reader.GetFieldValue<T>(0));
        if (value is string text)
        {
            Assert.Equal(Encoding.UTF8.GetBytes(text), reader.GetFieldValue<byte[]>(0));
        }
    }
}
