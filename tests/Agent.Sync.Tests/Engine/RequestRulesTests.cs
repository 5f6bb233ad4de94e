using Agent.Sync.Engine;

namespace Agent.Sync.Tests.Engine;

public sealed class RequestRulesTests
{
    [Theory]
    [InlineData(1)]
    [InlineData(1000)]
    [InlineData(null)]
    public void Check_PageSizeInRange_IsAccepted(int? pageSize) =>
        Assert.Null(Record.Exception(() => RequestRules.Check(new SyncRequest { PageSize = pageSize })));

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(1001)]
    public void Check_PageSizeOutOfRange_NamesTheRange(int pageSize)
    {
        var exception = Assert.Throws<ArgumentOutOfRangeException>(() => RequestRules.Check(new SyncRequest { PageSize = pageSize }));

        Assert.Contains("1 to 1000", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Check_TimesOutOfRange_AreRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RequestRules.Check(new SyncRequest { MaxDuration = TimeSpan.Zero }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RequestRules.Check(new SyncRequest { MaxDuration = TimeSpan.FromDays(100) }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RequestRules.Check(new SyncRequest { LeaseWait = TimeSpan.FromTicks(-1) }));
        Assert.Null(Record.Exception(() => RequestRules.Check(new SyncRequest { MaxDuration = TimeSpan.FromDays(24) })));
    }

    [Fact]
    public void Check_NotAMember_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => RequestRules.Check(new SyncRequest { Direction = (SyncDirection)3 }));
        Assert.Throws<ArgumentOutOfRangeException>(() => RequestRules.Check((ChangeState)3));
        Assert.All(Enum.GetValues<SyncDirection>(), static direction => RequestRules.Check(new SyncRequest { Direction = direction }));
        Assert.All(Enum.GetValues<ChangeState>(), static state => RequestRules.Check(state));
    }

    [Fact]
    public void Check_NoDatasets_IsRefused() =>
        Assert.Throws<ArgumentException>(() => RequestRules.Check(new SyncRequest { Datasets = [] }));
}
