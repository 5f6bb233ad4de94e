using Agent.Sync.Cli.Commands;
using Agent.Sync.Cli.Events;
using Agent.Sync.Cli.Syncing;

namespace Agent.Sync.Cli.Tests.Commands;

public sealed class CommandLineTests
{
    [Theory]
    [InlineData("demo --rows 10 --changes 5 --kit off --conflicts local --page-size 1000 --push-rows 5000 --database a.db --data folder --fresh --keep-running --json --debug")]
    [InlineData("sync --config b.json --url https://a.test --key k --email a@example.test --database a.db --page-size 1 --push-rows 1 --conflicts server --full-resync --allow-mass-delete")]
    [InlineData("push --url https://a.test --key k --email a@example.test --database a.db --push-rows 1 --conflicts local")]
    [InlineData("quarantine --config b.json --database a.db --json")]
    [InlineData("quarantine --retry")]
    [InlineData("quarantine --discard artifacts/1 projects/2 --database a.db")]
    [InlineData("pull --url https://a.test --key k --email a@example.test --database a.db --page-size 1 --full-resync --allow-mass-delete")]
    [InlineData("status --config b.json --database a.db --json")]
    [InlineData("--json reset artifacts --database a.db")]
    [InlineData("reset")]
    [InlineData("watch --config a.json --url https://a.test --key k --email a@example.test --database b.db --every 24h --page-size 1 --push-rows 1 --conflicts local")]
    [InlineData("changes --config a.json --database b.db --dataset c --values --json")]
    [InlineData("doctor --from a --config b.json --url https://a.test --key k --email a@example.test --database c.db --json")]
    [InlineData("doctor artifacts projects")]
    [InlineData("why artifacts 7 --config b.json --url https://a.test --key k --email a@example.test --database c.db --values --json")]
    [InlineData("why parts tenant 3")]
    [InlineData("sql --from a --config b.json --kit on --output --force")]
    [InlineData("scaffold --from a --schema b --tables c d --config e.json --namespace My.App --output f.cs --force")]
    public void Parse_WhatTheHelpSays_IsUnderstood(string line) => Assert.Empty(CommandTree.Create().Parse(line).Errors);

    [Theory]
    [InlineData("pull --page-size 0", "--page-size is '0', but must be a whole number from 1 to 1,000.")]
    [InlineData("pull --page-size 1001", "--page-size is '1001', but must be a whole number from 1 to 1,000.")]
    [InlineData("demo --page-size many", "--page-size is 'many', but must be a whole number from 1 to 1,000.")]
    [InlineData("demo --page-size -5", "--page-size is '-5', but must be a whole number from 1 to 1,000.")]
    [InlineData("demo --rows 9", "--rows is '9', but must be a whole number from 10 to 10,000,000.")]
    [InlineData("demo --changes 0", "--changes is '0', but must be a whole number from 1 to 10,000,000.")]
    [InlineData("sync --push-rows 5001", "--push-rows is '5001', but must be a whole number from 1 to 5,000.")]
    [InlineData("push --conflicts mine", "--conflicts is 'mine', but must be server or local.")]
    [InlineData("demo --kit maybe", "--kit is 'maybe', but must be on or off.")]
    [InlineData("watch --every 0s", "--every is '0s', but must be a time from 1s to 24h, such as 30s, 5m or 1h.")]
    [InlineData("watch --every 25h", "--every is '25h', but must be a time from 1s to 24h, such as 30s, 5m or 1h.")]
    [InlineData("watch --every 2000000000h", "--every is '2000000000h', but must be a time from 1s to 24h, such as 30s, 5m or 1h.")]
    [InlineData("watch --every 30", "--every is '30', but must be a time from 1s to 24h, such as 30s, 5m or 1h.")]
    [InlineData("sql --kit maybe", "--kit is 'maybe', but must be on or off.")]
    [InlineData("scaffold --namespace a..b", "--namespace must be a name of C#, such as MyApp.Data.")]
    [InlineData("quarantine --retry --discard artifacts/1", "Give --retry or --discard, not both.")]
    public void Parse_ValueThatIsWrong_NamesOptionValueAndRange(string line, string message) =>
        Assert.Equal(message, Assert.Single(CommandTree.Create().Parse(line).Errors).Message);

    [Theory]
    [InlineData("pull --password secret")]
    [InlineData("push --full-resync")]
    [InlineData("pull --conflicts local")]
    [InlineData("demo --kit")]
    [InlineData("why artifacts")]
    public void Parse_WhatThereIsNot_IsRefused(string line) => Assert.NotEmpty(CommandTree.Create().Parse(line).Errors);

    [Fact]
    public void ReadSettings_NothingGiven_LeavesAllToTheEnvironment() =>
        Assert.Equal(new SyncSettings(), CommandOptions.ReadSettings(CommandTree.Create().Parse("sync")));

    [Fact]
    public void ReadSettings_EverythingGiven_HasIt() => Assert.Equal(
        new SyncSettings(7, 8, ConflictPolicy.LocalWins),
        CommandOptions.ReadSettings(CommandTree.Create().Parse("sync --page-size 7 --push-rows 8 --conflicts local")));

    [Fact]
    public async Task ReadAsync_OptionAndEnvironment_OptionWins()
    {
        var project = await Read(
            "pull --url https://option.test --email option@example.test",
            ("AGENT_SYNC_URL", "https://variable.test"),
            ("AGENT_SYNC_KEY", " key "),
            ("SUPABASE_ANON_KEY", "other"),
            ("AGENT_SYNC_PASSWORD", "secret"));

        Assert.Equal("option.test", project.Url.Host);
        Assert.Equal(("key", "option@example.test", "secret"), (project.Key, project.Email, project.Password));
        Assert.DoesNotContain("secret", project.ToString(), StringComparison.Ordinal);
    }

    [Fact]
    public async Task ReadAsync_BlankVariable_TakesTheNextOne()
    {
        var project = await Read(
            "pull",
            ("AGENT_SYNC_URL", " "),
            ("SUPABASE_URL", "https://supabase.test"),
            ("SUPABASE_PUBLISHABLE_KEY", "key"),
            ("AGENT_SYNC_EMAIL", "a@example.test"),
            ("AGENT_SYNC_PASSWORD", "secret"));

        Assert.Equal("supabase.test", project.Url.Host);
    }

    [Theory]
    [InlineData("pull", "--url is missing: give it, or set AGENT_SYNC_URL or SUPABASE_URL.")]
    [InlineData("pull --url https://a.test", "--key is missing: give it, or set AGENT_SYNC_KEY or SUPABASE_PUBLISHABLE_KEY or SUPABASE_ANON_KEY.")]
    [InlineData("pull --url https://a.test --key k", "--email is missing: give it, or set AGENT_SYNC_EMAIL.")]
    [InlineData("pull --url abc --key k --email a@example.test", "--url must be the project's absolute URL, such as https://abc.supabase.co, not 'abc'.")]
    [InlineData("pull --url https://a.test --key k --email a@example.test", "The password of a@example.test is missing: set AGENT_SYNC_PASSWORD. It is never an argument, because others can see those.")]
    public async Task ReadAsync_SomethingMissing_SaysWhatToGive(string line, string message)
    {
        var exception = await Assert.ThrowsAsync<UsageException>(() => Read(line));

        Assert.Equal(message, exception.Message);
    }

    [Fact]
    public void ExistingDatabase_FileThatIsNotThere_IsNotMade()
    {
        var missing = Path.Combine(Path.GetTempPath(), Guid.NewGuid().ToString("N") + ".db");
        ProjectOptions options = new(CommandTree.Create().Parse(["status", "--database", missing]), static _ => null);

        Assert.Throws<UsageException>(() => options.ExistingDatabase);
        Assert.False(File.Exists(missing));
    }

    [Fact]
    public async Task ReadAsync_UrlAndKeyInTheFile_AreTakenLast()
    {
        using TestFile file = new("""{ "AgentSync": { "Url": "https://file.test", "ApiKey": "k", "Datasets": [ { "Table": "a", "Key": ["id"], "UpdatedAt": "u", "Columns": { "id": "uuid" } } ] } }""");

        var project = await Read($"pull --config {file.Path} --email a@example.test", ("AGENT_SYNC_KEY", "variable"), ("AGENT_SYNC_PASSWORD", "secret"));

        Assert.Equal(("file.test", "variable"), (project.Url.Host, project.Key));
    }

    private static async Task<ProjectSettings> Read(string line, params (string Name, string Value)[] variables)
    {
        using TestFile demo = new(ToolFile.Resource(ToolFile.DefaultName));
        variables = [.. variables, ("AGENT_SYNC_CONFIG", demo.Path)];
        ProjectOptions options = new(CommandTree.Create().Parse(line), name => variables.FirstOrDefault(variable => variable.Name == name).Value);
        return await options.ReadAsync(mayAsk: false, TestContext.Current.CancellationToken);
    }
}
