using Agent.Sync.IntegrationTests.Backends;
using Agent.Sync.IntegrationTests.Devices;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>What a run prints, with every log on, holds nothing of a row and nothing that signs in.</summary>
public sealed class OutputPrivacyTests(BackendFixture backends)
{
    private const string Canary = "canary7e21";
    private const int Rows = 40;

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Pull_Debug_PrintsNoRowAndNoSecret(bool json)
    {
        var user = await backends.Main.SignUpAsync();
        await backends.Main.WriteStampedAsync(
            $$"""
            insert into public.artifacts (type, name, content, metadata, owner_id, updated_at)
            select 'note', '{{Canary}} ' || i, 'text {{Canary}}', '{"{{Canary}}": "{{Canary}}"}', '{{user.Id}}', now() - interval '1 day'
            from generate_series(1, {{Rows}}) as i
            """);
        using SampleConsole console = new(backends.Main, user);
        string[] format = json ? ["--json"] : [];
        string[] pull = ["pull", "--debug", .. format, "--database", console.Database, "--page-size", "7"];

        var completed = (await console.RunAsync(pull)).AssertExitCode(0);
        var status = (await console.RunAsync(["status", "--debug", .. format, "--database", console.Database])).AssertExitCode(0);
        console.Environment["AGENT_SYNC_PASSWORD"] = Canary;
        var refused = (await console.RunAsync(pull)).AssertExitCode(4);

        Assert.Equal(Rows, await LocalRows.CountAsync(console.Database, "artifacts"));
        Assert.NotEmpty(completed.Error);
        foreach (var end in (ProcessEnd[])[completed, status, refused])
        {
            var all = end.Out + end.Error;
            foreach (var secret in (string[])[Canary, TestUser.Password, backends.Main.Host.PublishableKey, "eyJ", user.Token.Value.Split('.')[2]])
            {
                Assert.DoesNotContain(secret, all, StringComparison.OrdinalIgnoreCase);
            }

            // Who signed in is told to who runs it, once; no log has it.
            Assert.DoesNotContain(user.Email, end.Error, StringComparison.OrdinalIgnoreCase);
            Assert.DoesNotContain(user.Id.ToString(), all, StringComparison.OrdinalIgnoreCase);
        }
    }
}
