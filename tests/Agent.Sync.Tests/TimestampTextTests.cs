using System.Globalization;
using System.Text;
using CsCheck;

namespace Agent.Sync.Tests;

public sealed class TimestampTextTests
{
    [Fact]
    public void TryParse_AnyTimeOffsetAndPrecision_AgreesWithDateTimeOffset()
    {
        var genOffset = Gen.OneOf(
            Gen.OneOf("Z", "+00", "-03", "+05:30", "-11:45", "+14:00"),
            Gen.Int[0, 13].Select(hours => $"+{hours:00}"));
        Gen.Select(Gen.Long[0, (DateTime.MaxValue.Ticks / 10) - 1], genOffset, Gen.Int[0, 6], Gen.OneOf('T', ' ')).Sample((ticks, offset, digits, mark) =>
        {
            var local = new DateTime(ticks * 10);
            var format = $"yyyy-MM-dd{(mark == 'T' ? "'T'" : "' '")}HH:mm:ss{(digits == 0 ? "" : "." + new string('f', digits))}";
            var text = local.ToString(format, CultureInfo.InvariantCulture) + offset;
            var expected = DateTime.ParseExact(local.ToString(format, CultureInfo.InvariantCulture), format, CultureInfo.InvariantCulture);

            Assert.True(TimestampText.TryParse(Encoding.ASCII.GetBytes(text), out var microseconds), text);

            var unix = ((expected - DateTime.UnixEpoch).Ticks - Minutes(offset).Ticks) / 10;
            Assert.Equal(unix, microseconds);
        });
    }

    [Fact]
    public void Format_AnyTime_RoundTripsToTheMicrosecond()
    {
        Gen.Long[0, DateTime.MaxValue.Ticks / TimeSpan.TicksPerMicrosecond].Sample(ticks =>
        {
            var time = new DateTimeOffset(ticks * TimeSpan.TicksPerMicrosecond, TimeSpan.Zero);

            Assert.True(TimestampText.TryParse(Encoding.ASCII.GetBytes(TimestampText.Format(time)), out var microseconds));

            Assert.Equal(TimestampText.ToMicroseconds(time), microseconds);
        });
    }

    [Theory]
    [InlineData("0001-01-01T00:00:00+00:00", -62_135_596_800_000_000)]
    [InlineData("9999-12-31T23:59:59.999999+00:00", 253_402_300_799_999_999)]
    [InlineData("1970-01-01T00:00:00.000001Z", 1)]
    [InlineData("1969-12-31T23:59:59.999999+00:00", -1)]
    [InlineData("2024-02-29T12:00:00+05:30", 1_709_188_200_000_000)]
    [InlineData("1890-01-01T00:19:32+00:19:32", -2_524_521_600_000_000)]
    [InlineData("4714-11-24T00:00:00+00:00 BC", -210_866_803_200_000_000)]
    [InlineData("4713-01-01T00:00:00+00:00 BC", -210_863_520_000_000_000)]
    [InlineData("0044-03-15T12:00:00.5+00:00 BC", -63_517_780_799_500_000)]
    [InlineData("0001-02-29T00:00:00+00:00 BC", -62_162_121_600_000_000)]
    [InlineData("10000-01-01T00:00:00+00:00", 253_402_300_800_000_000)]
    [InlineData("12345-06-07T08:09:10.123456+00:00", 327_416_976_550_123_456)]
    [InlineData("294246-12-31T23:59:59.999999+00:00", 9_223_371_244_799_999_999)]
    [InlineData("294276-12-31T23:59:59.999999+00:00", long.MaxValue - 1)]
    [InlineData("infinity", long.MaxValue)]
    [InlineData("-infinity", long.MinValue)]
    public void TryParse_EdgeOfTheRange_IsExact(string text, long expected)
    {
        Assert.True(TimestampText.TryParse(Encoding.ASCII.GetBytes(text), out var microseconds));
        Assert.Equal(expected, microseconds);
    }

    [Theory]
    [InlineData("")]
    [InlineData("2026")]
    [InlineData("2026-01-01")]
    [InlineData("2026-01-01T00:00:00")]
    [InlineData("2026-02-29T00:00:00Z")]
    [InlineData("2026-13-01T00:00:00Z")]
    [InlineData("2026-00-01T00:00:00Z")]
    [InlineData("2026-01-00T00:00:00Z")]
    [InlineData("0000-01-01T00:00:00Z")]
    [InlineData("2026-01-01T24:00:00Z")]
    [InlineData("2026-01-01T00:60:00Z")]
    [InlineData("2026-01-01T00:00:60Z")]
    [InlineData("2026-01-01T00:00:00.Z")]
    [InlineData("2026-01-01T00:00:00.1234567Z")]
    [InlineData("2026-01-01T00:00:00+5")]
    [InlineData("2026-01-01T00:00:00+05:3")]
    [InlineData("2026-01-01T00:00:00+05:30:1")]
    [InlineData("2026-01-01T00:00:00Zx")]
    [InlineData("2026-01-01T00:00:00 BC")]
    [InlineData("0000-01-01T00:00:00Z BC")]
    [InlineData("4715-01-01T00:00:00Z BC")]
    [InlineData("0002-02-29T00:00:00Z BC")]
    [InlineData("09999-01-01T00:00:00Z")]
    [InlineData("294277-01-01T00:00:00Z")]
    [InlineData("1000000-01-01T00:00:00Z")]
    [InlineData("infinity BC")]
    [InlineData("2026-01-01X00:00:00Z")]
    [InlineData("Infinity")]
    [InlineData("2026-01-01T00:00:0٣Z")]
    public void TryParse_NotATimestamp_IsRefused(string text) =>
        Assert.False(TimestampText.TryParse(Encoding.UTF8.GetBytes(text), out _));

    private static TimeSpan Minutes(string offset)
    {
        if (offset == "Z")
        {
            return TimeSpan.Zero;
        }

        var sign = offset[0] == '-' ? -1 : 1;
        var hours = int.Parse(offset.AsSpan(1, 2), CultureInfo.InvariantCulture);
        var minutes = offset.Length > 3 ? int.Parse(offset.AsSpan(4, 2), CultureInfo.InvariantCulture) : 0;
        return TimeSpan.FromMinutes(sign * ((hours * 60) + minutes));
    }
}
