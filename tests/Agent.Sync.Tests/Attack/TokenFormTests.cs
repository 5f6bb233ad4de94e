using Agent.Sync.Tests.Postgrest;

namespace Agent.Sync.Tests.Attack;

/// <summary>Whatever the app's delegate gives as a token: it is sent as one user's, or nothing is sent at all.</summary>
public sealed class TokenFormTests
{
    public static TheoryData<string> Refused => [.. TokenForms.NoUsers.Concat(TokenForms.NoRoles).Select(static form => form.Name)];

    public static TheoryData<string> Sent => [.. TokenForms.ServersToJudge.Select(static form => form.Name)];

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task GetPage_TokenOfNobody_SendsNothingAndRepeatsNothing(string name)
    {
        var token = TokenForms.NoUsers.Concat(TokenForms.NoRoles).Single(form => form.Name == name).Token;
        var harness = new TransportHarness { Token = new AccessToken(token) };

        var failure = await OnlyTyped.RunAsync(() => harness.GetAsync());

        Assert.IsType<SyncAuthException>(failure);
        Assert.Empty(harness.Handler.Seen);
        harness.AssertNothingLeaked(failure, token.Length < 30 ? TestToken.Of().Value : token[..30], "user-1");
    }

    [Theory]
    [MemberData(nameof(Refused))]
    public async Task GetPage_RefreshGivesATokenOfNobody_SendsNothingMore(string name)
    {
        var token = TokenForms.NoUsers.Concat(TokenForms.NoRoles).Single(form => form.Name == name).Token;
        var harness = new TransportHarness();
        harness.Handler.Then(() =>
        {
            harness.Token = new AccessToken(token);
            return Answers.Error(401, "PGRST301");
        });

        var failure = await OnlyTyped.RunAsync(() => harness.GetAsync());

        Assert.IsType<SyncAuthException>(failure);
        Assert.Single(harness.Handler.Seen);
    }

    [Theory]
    [MemberData(nameof(Sent))]
    public async Task GetPage_TokenThatTheServerHasToJudge_IsSentAsItsSubjects(string name)
    {
        var token = TokenForms.ServersToJudge.Single(form => form.Name == name).Token;
        var harness = new TransportHarness { Token = new AccessToken(token) };
        harness.Handler.Then(static () => Answers.Page());

        var session = await harness.Client.OpenSessionAsync(harness.Tally, TransportHarness.Cancellation);
        await harness.GetAsync();

        Assert.Equal(("user-1", "authenticated"), (session.Subject, session.Role));
        Assert.Equal("Bearer " + token, Assert.Single(harness.Handler.Seen).Headers["Authorization"]);
    }
}
