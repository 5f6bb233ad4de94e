namespace Agent.Sync.Tests.Attack;

/// <summary>A hostile server, over raw sockets, at every call of the engine: a typed failure or none, nothing elsewhere, nothing private said, and equal sides once the server is honest again.</summary>
public sealed class EveryCallTests(SaidBook said) : IClassFixture<SaidBook>
{
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(60);

    public static TheoryData<AttackedCall> Targets => [.. Enum.GetValues<AttackedCall>()];

    [Theory]
    [MemberData(nameof(Targets))]
    public Task SyncAsync_AnswerLeadsElsewhere_FailsTypedAndNothingArrivesThere(AttackedCall target) => AssertAsync(target, Strikes.Redirects, mustFail: true);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task SyncAsync_GoodAnswerWithALure_IsTakenWithoutFollowingIt(AttackedCall target) => AssertAsync(target, Strikes.Lures);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task SyncAsync_AnswerThatIsCutOrNeverEnds_FailsTyped(AttackedCall target) => AssertAsync(target, Strikes.Framing, mustFail: true);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task SyncAsync_BodyThatIsNoAnswer_FailsTyped(AttackedCall target) => AssertAsync(target, Strikes.Bodies, mustFail: true);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task SyncAsync_TypeThatIsNoJson_FailsTyped(AttackedCall target) => AssertAsync(target, Strikes.Types, mustFail: true);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task SyncAsync_BodyThatLies_ThrowsNothingRaw(AttackedCall target) => AssertAsync(target, Strikes.LiesAbout(target));

    [Theory]
    [MemberData(nameof(Targets))]
    public Task SyncAsync_AnyErrorStatus_KeepsEveryEdit(AttackedCall target) => AssertAsync(target, Strikes.Statuses);

    [Theory]
    [MemberData(nameof(Targets))]
    public Task SyncAsync_OddHeaders_ThrowsNothingRaw(AttackedCall target) => AssertAsync(target, Strikes.Headers);

    private async Task AssertAsync(AttackedCall target, IEnumerable<Strike> strikes, bool mustFail = false)
    {
        var faults = new List<string>();
        foreach (var strike in strikes)
        {
            try
            {
                await RunAsync(target, strike, mustFail).WaitAsync(Hangs, TimeProvider.System);
            }
            catch (Exception exception)
            {
                faults.Add($"{strike}: {exception.Message}");
            }
        }

        Assert.True(faults.Count == 0, $"{faults.Count} faults:\n{string.Join('\n', faults)}");
    }

    private async Task RunAsync(AttackedCall target, Strike strike, bool mustFail)
    {
        await using var scene = await AttackScene.StartAsync(target, said);
        var (failure, result) = await scene.AttackAsync(strike);
        Assert.False(mustFail && failure is null && result is not { Rejected: > 0 }, "It was taken for an answer.");
        await (strike.IsPlausible ? scene.RepairAsync() : scene.RecoverAsync());
    }
}
