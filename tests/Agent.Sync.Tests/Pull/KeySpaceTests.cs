using System.Globalization;
using System.Numerics;
using Agent.Sync.Pull;
using Agent.Sync.Tests.Fakes;
using CsCheck;

namespace Agent.Sync.Tests.Pull;

public sealed class KeySpaceTests
{
    private static readonly KeySpace Integers = new(Items.Dataset);
    private static readonly KeySpace Uuids = new(Items.Define(ColumnType.Uuid).Build());
    private static readonly KeySpace Tenants = new(
        Dataset.Define("items").Key("tenant", ColumnType.Integer).Key("id", ColumnType.Uuid).UpdatedAt("updated_at").Build());

    [Fact]
    public void Divide_Integers_MakesEqualParts() => Gen.Select(Gen.Long, Gen.Long, Gen.Int[2, 16]).Sample((one, other, parts) =>
    {
        if (one == other)
        {
            return;
        }

        var (start, end) = (Math.Min(one, other), Math.Max(one, other));
        var boundaries = Integers.Divide([Text(start)], [Text(end)], parts).Select(static keys => BigInteger.Parse(Assert.Single(keys), CultureInfo.InvariantCulture)).ToList();
        CheckParts(start, end, boundaries, parts);
    });

    [Fact]
    public void Divide_Uuids_MakesEqualParts() => Gen.Select(Gen.Guid, Gen.Guid, Gen.Int[2, 16]).Sample((one, other, parts) =>
    {
        var (start, end) = string.CompareOrdinal(one.ToString(), other.ToString()) < 0 ? (one, other) : (other, one);
        var boundaries = Uuids.Divide([start.ToString()], [end.ToString()], parts).Select(static keys => Number(Assert.Single(keys))).ToList();
        CheckParts(Number(start.ToString()), Number(end.ToString()), boundaries, parts);
    });

    [Theory]
    [InlineData("1", "2")]
    [InlineData("2", "2")]
    [InlineData("3", "2")]
    [InlineData("x", "y")]
    public void Divide_NoRoomOrNoNumber_MakesNone(string after, string upTo) => Assert.Empty(Integers.Divide([after], [upTo], 4));

    [Fact]
    public void Divide_Text_MakesNone() => Assert.Empty(new KeySpace(Items.Define(ColumnType.Text).Build()).Divide(["a"], ["z"], 4));

    [Fact]
    public void Divide_CompositeKey_DividesTheFirstColumnThatDiffers()
    {
        const string Low = "00000000-0000-0000-0000-000000000000";
        const string High = "80000000-0000-0000-0000-000000000000";

        Assert.Equal([["3"]], Tenants.Divide(["1", Low], ["5", Low], 2));
        Assert.Equal([["7", "40000000-0000-0000-0000-000000000000"]], Tenants.Divide(["7", Low], ["7", High], 2));
        Assert.Empty(Tenants.Divide(["7"], ["7", High], 2));
    }

    [Fact]
    public void Distance_OneColumn_IsTheDifference()
    {
        Assert.Equal(12, Integers.Distance(["-5"], ["7"]));
        Assert.Null(Integers.Distance(["7"], ["-5"]));
        Assert.Null(Tenants.Distance(["1", "a"], ["2", "b"]));
    }

    private static string Text(long number) => number.ToString(CultureInfo.InvariantCulture);

    private static BigInteger Number(string uuid) => BigInteger.Parse("0" + uuid.Replace("-", string.Empty, StringComparison.Ordinal), NumberStyles.HexNumber, CultureInfo.InvariantCulture);

    private static void CheckParts(BigInteger start, BigInteger end, List<BigInteger> boundaries, int parts)
    {
        Assert.Equal(BigInteger.Min(parts - 1, end - start - 1), boundaries.Count);
        BigInteger[] all = [start, .. boundaries, end];
        for (var index = 1; index < all.Length; index++)
        {
            Assert.InRange(all[index] - all[index - 1], BigInteger.One, ((end - start) / parts) + 1);
        }
    }
}
