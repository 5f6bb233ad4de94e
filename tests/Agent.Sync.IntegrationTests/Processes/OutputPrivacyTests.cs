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
            AssertNothingTold(end, user);
        }
    }

    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public async Task Init_WithASecretKey_PrintsAndKeepsNothingOfIt(bool json)
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());
        var file = console.Database + ".json";
        console.Environment["AGENT_SYNC_CONFIG"] = file;
        console.Environment["AGENT_SYNC_SECRET_KEY"] = backends.Main.Host.SecretKey;
        string[] init = ["init", "--yes", "--debug", .. json ? ["--json"] : Array.Empty<string>()];

        var written = (await console.RunAsync(init)).AssertExitCode(0);
        console.Environment["AGENT_SYNC_SECRET_KEY"] = Canary;
        var refused = (await console.RunAsync([.. init, "--force"])).AssertExitCode(2);

        var text = await File.ReadAllTextAsync(file, TestContext.Current.CancellationToken);
        Assert.Contains("\"artifacts\"", text, StringComparison.Ordinal);
        Assert.Contains("row-level security, policies", written.Out, StringComparison.Ordinal);
        Assert.DoesNotContain(backends.Main.Host.SecretKey, text + written.Out + written.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(Canary, refused.Out + refused.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(true, "Detect")]
    [InlineData(false, "Detect")]
    [InlineData(true, "Ignore")]
    public async Task Sync_DebugWithConflictAndRejection_PrintsNoRowAndKeysOnlyWhereAskedFor(bool json, string kit)
    {
        var user = await backends.Main.SignUpWithRowsAsync(Rows);
        using SampleConsole console = new(backends.Main, user);
        console.Environment["AGENT_SYNC_SQL_KIT"] = kit;
        string[] options = [.. json ? ["--json"] : Array.Empty<string>(), "--debug", "--database", console.Database];
        (await console.RunAsync(["pull", .. options])).AssertExitCode(0);
        await LocalEdits.InsertAsync(console.Database, user, 3, Canary);
        await LocalEdits.RunAsync(console.Database, $$"""
            update artifacts set name = '{{Canary}}', content = '{{Canary}}', metadata = '{"{{Canary}}":1}', size = -1 where size = 37;
            update artifacts set name = 'here {{Canary}}' where size = 37 * 2;
            """);
        await backends.Main.SqlAsync($"update public.artifacts set name = 'there {Canary}' where owner_id = '{user.Id}' and size = 37 * 2");
        var key = (string)(await LocalRows.ScalarAsync(console.Database, "select id from artifacts where size = -1"))!;

        var synced = (await console.RunAsync(["sync", .. options])).AssertExitCode(5);
        var listed = (await console.RunAsync(["quarantine", .. options])).AssertExitCode(0);
        var retried = (await console.RunAsync(["quarantine", "--retry", .. options])).AssertExitCode(0);
        var pushed = (await console.RunAsync(["push", .. options])).AssertExitCode(5);

        Assert.NotEmpty(synced.Error);
        foreach (var end in (ProcessEnd[])[synced, listed, retried, pushed])
        {
            AssertNothingTold(end, user);
            Assert.DoesNotContain(key, end.Error, StringComparison.OrdinalIgnoreCase);
            Assert.Equal(ReferenceEquals(end, listed), end.Out.Contains(key, StringComparison.OrdinalIgnoreCase));
        }
    }

    private void AssertNothingTold(ProcessEnd end, TestUser user)
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
