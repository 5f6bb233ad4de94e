using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>The exit codes that --help promises.</summary>
public sealed class ExitCodeTests(BackendFixture backends)
{
    [Fact]
    public async Task Pull_WrongPassword_Is4AndSaysNeitherPasswordNorKey()
    {
        const string Wrong = "canary-wrong-password";
        var user = await backends.Main.SignUpAsync();
        using SampleConsole console = new(backends.Main, user);
        console.Environment["AGENT_SYNC_PASSWORD"] = Wrong;

        var end = (await console.PullAsync(100)).AssertExitCode(4);

        Assert.Equal(4, SampleConsole.Find(end, "failed")!.Value.GetProperty("exitCode").GetInt32());
        Assert.DoesNotContain(Wrong, end.Out + end.Error, StringComparison.Ordinal);
        Assert.DoesNotContain(backends.Main.Host.PublishableKey, end.Out + end.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--no-such-option")]
    [InlineData("--page-size", "1001")]
    [InlineData("--page-size", "0")]
    public async Task Pull_OptionThatIsWrong_Is2AndNamesIt(params string[] options)
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());

        var end = (await console.RunAsync(["pull", .. options])).AssertExitCode(2);

        Assert.Contains(options[0], end.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(console.Database));
    }

    [Fact]
    public async Task Pull_NoPassword_Is2AndNamesTheVariable()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());
        console.Environment.Remove("AGENT_SYNC_PASSWORD");

        var end = (await console.PullAsync(100)).AssertExitCode(2);

        Assert.Contains("AGENT_SYNC_PASSWORD", end.Out, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("push")]
    [InlineData("quarantine")]
    [InlineData("status")]
    [InlineData("reset")]
    public async Task Command_FileThatIsNotThere_Is2AndMakesNone(string command)
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());

        var end = (await console.RunOnFileAsync(command)).AssertExitCode(2);

        Assert.Equal("Usage", SampleConsole.Find(end, "failed")!.Value.GetProperty("kind").GetString());
        Assert.False(File.Exists(console.Database));
    }

    [Fact]
    public async Task Demo_WrongVariable_Is2BeforeAnyBackendStarts()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());
        console.Environment["AGENT_SYNC_PUSH_ROWS"] = "many";

        var end = (await console.RunAsync("demo", "--json", "--data", Path.Combine(Path.GetDirectoryName(console.Database)!, "demo"))).AssertExitCode(2);

        Assert.Contains("AGENT_SYNC_PUSH_ROWS", SampleConsole.Find(end, "failed")!.Value.GetProperty("messages")[0].GetString(), StringComparison.Ordinal);
        Assert.Null(SampleConsole.Find(end, "backend"));
    }

    [Fact]
    public async Task Pull_ServerThatIsNotThere_Is75()
    {
        using SampleConsole console = new(backends.Main, await backends.Main.SignUpAsync());

        // The discard port, where nothing listens.
        console.Environment["AGENT_SYNC_URL"] = "http://127.0.0.1:9";

        (await console.PullAsync(100)).AssertExitCode(75);
    }
}
