using CsCheck;

namespace Agent.Sync.Tests;

public sealed class CursorTests
{
    [Fact]
    public void FromToken_Base64Url_KeepsTheToken()
    {
        var cursor = Cursor.FromToken("AQB_-w");

        Assert.Equal("AQB_-w", cursor.ToToken());
        Assert.Equal("Cursor", cursor.ToString());
    }

    [Theory]
    [InlineData("")]
    [InlineData("A")]
    [InlineData("AQB_-w ")]
    [InlineData(" AQB_-w")]
    [InlineData("AQB\n_-w")]
    [InlineData("AQB_-w==")]
    [InlineData("AQB/+w")]
    [InlineData("AQB_-é")]
    public void FromToken_Damaged_IsRefusedWithoutTheToken(string token)
    {
        var exception = Assert.Throws<SyncProtocolException>(() => Cursor.FromToken(token));

        Assert.Equal(SyncErrorKind.CursorRefused, exception.Kind);
        Assert.DoesNotContain("AQB", exception.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public void FromToken_OverTheLongest_IsRefused()
    {
        Assert.Equal(4096, Cursor.FromToken(new string('A', 4096)).ToToken().Length);
        Assert.Throws<SyncProtocolException>(() => Cursor.FromToken(new string('A', 4100)));
    }

    [Fact]
    public void FromToken_AnyText_IsTakenOrRefusedTyped()
    {
        Gen.String.Sample(text =>
        {
            try
            {
                Assert.Equal(text, Cursor.FromToken(text).ToToken());
            }
            catch (SyncProtocolException exception)
            {
                Assert.Equal(SyncErrorKind.CursorRefused, exception.Kind);
            }
        });
    }

    [Fact]
    public void ToString_OfAPosition_HoldsNoValue()
    {
        var position = new CursorPosition(PageOrder.Cursor, "2026-01-01T00:00:00Z", ["canary"]);

        Assert.Equal("Cursor position", position.ToString());
        Assert.Equal(position, new CursorPosition(PageOrder.Cursor, "2026-01-01T00:00:00Z", ["canary"]));
        Assert.Equal(position.GetHashCode(), new CursorPosition(PageOrder.Cursor, "2026-01-01T00:00:00Z", ["canary"]).GetHashCode());
        Assert.NotEqual(position, position with { KeyValues = ["other"] });
    }
}
