using System.Text;
using Agent.Sync.Push.Rows;
using Agent.Sync.Stores;

namespace Agent.Sync.Tests.Push.Rows;

/// <summary>PostgreSQL writes values in its own words; what is the same value must be told from what is not.</summary>
public sealed class ValueEqualityTests
{
    [Theory]
    [InlineData(ColumnType.Text, "a", "a", true)]
    [InlineData(ColumnType.Text, "a", "A", false)]
    [InlineData(ColumnType.Text, "1", "1.0", false)]
    [InlineData(ColumnType.Uuid, "A1B2C3D4-0000-0000-0000-00000000000F", "a1b2c3d4-0000-0000-0000-00000000000f", true)]
    [InlineData(ColumnType.Uuid, "a1b2c3d4-0000-0000-0000-00000000000f", "a1b2c3d4-0000-0000-0000-00000000000e", false)]
    [InlineData(ColumnType.Uuid, "x", "y", false)]
    [InlineData(ColumnType.Integer, "9007199254740993", "9007199254740993", true)]
    [InlineData(ColumnType.Integer, "9007199254740993", "9007199254740992", false)]
    [InlineData(ColumnType.Numeric, "1.50", "1.5", true)]
    [InlineData(ColumnType.Numeric, "1.5", "1.500", true)]
    [InlineData(ColumnType.Numeric, "15e-1", "1.5", true)]
    [InlineData(ColumnType.Numeric, "+1.5E0", "1.5", true)]
    [InlineData(ColumnType.Numeric, "0.00", "-0", true)]
    [InlineData(ColumnType.Numeric, "1e3", "1000", true)]
    [InlineData(ColumnType.Numeric, "1000", "100", false)]
    [InlineData(ColumnType.Numeric, "0.1", "0.01", false)]
    [InlineData(ColumnType.Numeric, "-1", "1", false)]
    [InlineData(ColumnType.Numeric, "10.01", "1.001", false)]
    [InlineData(ColumnType.Numeric, "100.1", "1001e-1", true)]
    [InlineData(ColumnType.Numeric, "NaN", "1", false)]
    [InlineData(ColumnType.Numeric, "1.2.3", "1.23", false)]
    [InlineData(ColumnType.Numeric, "12345678901234567890.123456789012345678900", "12345678901234567890.1234567890123456789", true)]
    [InlineData(ColumnType.Double, "0.1", "1e-1", true)]
    [InlineData(ColumnType.Double, "0.1", "0.10000000000000002", false)]
    [InlineData(ColumnType.Double, "NaN", "NaN", true)]
    [InlineData(ColumnType.Boolean, "1", "true", true)]
    [InlineData(ColumnType.Boolean, "false", "true", false)]
    [InlineData(ColumnType.Timestamptz, "2026-01-01T01:00:00.5+01:00", "2026-01-01T00:00:00.5+00:00", true)]
    [InlineData(ColumnType.Timestamptz, "2026-01-01T00:00:00Z", "2026-01-01T00:00:00+00:00", true)]
    [InlineData(ColumnType.Timestamptz, "2026-01-01T00:00:00.1234567Z", "2026-01-01T00:00:00.123457+00:00", true)]
    [InlineData(ColumnType.Timestamptz, "2026-01-01T00:00:00.123456+00:00", "2026-01-01T00:00:00.123457+00:00", false)]
    [InlineData(ColumnType.Timestamptz, "yesterday", "2026-01-01T00:00:00+00:00", false)]
    [InlineData(ColumnType.Timestamp, "2026-01-01 00:00:00.50", "2026-01-01T00:00:00.5", true)]
    [InlineData(ColumnType.Timestamp, "2026-01-01T00:00:00", "2026-01-01T00:00:01", false)]
    [InlineData(ColumnType.Date, "2026-01-01", "2026-01-01", true)]
    [InlineData(ColumnType.Date, "2026-01-01", "2026-01-02", false)]
    [InlineData(ColumnType.Time, "12:30", "12:30:00", true)]
    [InlineData(ColumnType.Time, "12:30:00.1234567", "12:30:00.123457", true)]
    [InlineData(ColumnType.Time, "12:30:00.5", "12:30:00", false)]
    [InlineData(ColumnType.Bytes, "\\xABCD", "\\xabcd", true)]
    [InlineData(ColumnType.Bytes, "\\xABCD", "\\xabce", false)]
    [InlineData(ColumnType.Bytes, "ABCD", "abcd", false)]
    [InlineData(ColumnType.Json, """{"b":[1.0,"x"],"a":null}""", """{"a": null, "b": [1, "x"]}""", true)]
    [InlineData(ColumnType.Json, """{"a":1}""", """{"a":"1"}""", false)]
    [InlineData(ColumnType.Json, "[1,2]", "[2,1]", false)]
    [InlineData(ColumnType.Json, "\"\\u0061\"", "\"a\"", true)]
    [InlineData(ColumnType.Json, "nonsense", "{}", false)]
    public void AreSame_ByType_TellsValuesApart(ColumnType type, string sent, string server, bool same)
    {
        Assert.Equal(same, ValueEquality.AreSame(type, Encoding.UTF8.GetBytes(sent), Encoding.UTF8.GetBytes(server)));
        Assert.Equal(same, ValueEquality.AreSame(type, Encoding.UTF8.GetBytes(server), Encoding.UTF8.GetBytes(sent)));
    }

    [Theory]
    [InlineData("""{"id":1,"name":"a"}""", true)]
    [InlineData("""{"name":"\u0061"}""", true)]
    [InlineData("""{"name":null}""", false)]
    [InlineData("""{"name":"b"}""", false)]
    [InlineData("""{"name":{"a":1}}""", false)]
    [InlineData("""{"unknown":1}""", false)]
    [InlineData("{}", true)]
    public void AreIn_EveryValueThatWasSent_IsLookedAt(string sent, bool expected)
    {
        using var page = Page.Parse(
            PushHarness.Define().Build(), """[{"id":1,"name":"a","updated_at":"2026-01-01T00:00:00+00:00","version":1}]"""u8);

        Assert.Equal(expected, SentValues.AreIn(Encoding.UTF8.GetBytes(sent), page, 0));
    }

    [Fact]
    public void AreIn_NullSentAndNullThere_IsTheSame()
    {
        using var page = Page.Parse(
            PushHarness.Define().Build(), """[{"id":1,"name":null,"updated_at":"2026-01-01T00:00:00+00:00","version":1}]"""u8);

        Assert.True(SentValues.AreIn("""{"name":null}"""u8, page, 0));
        Assert.False(SentValues.AreIn("""{"name":""}"""u8, page, 0));
    }

    [Fact]
    public void Find_AnswerInAnotherOrderWithGaps_IsMatchedByKey()
    {
        using var page = Page.Parse(
            PushHarness.Define().Build(),
            """[{"id":3,"name":"","updated_at":null,"version":1},{"id":1,"name":"","updated_at":null,"version":1},{"id":9,"name":"","updated_at":null,"version":1}]"""u8);
        PendingChange[] changes = [.. new[] { 1, 2, 3 }.Select(static id => new PendingChange(
            id, Guid.Empty, ChangeKind.Insert, [], Encoding.UTF8.GetBytes($"{{\"id\":{id}}}"), default, default))];
        var rows = new int[3];

        Assert.Equal(2, RowMatch.Find(changes, page, rows));
        Assert.Equal([1, RowMatch.None, 0], rows);
    }
}
