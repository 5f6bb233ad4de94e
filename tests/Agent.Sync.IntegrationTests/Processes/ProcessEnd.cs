namespace Agent.Sync.IntegrationTests.Processes;

/// <summary>How a process ended, and all it said.</summary>
internal sealed record ProcessEnd(int ExitCode, string Out, string Error)
{
    /// <summary>Fails with all that was said unless the process ended with this code.</summary>
    public ProcessEnd AssertExitCode(int expected)
    {
        Assert.True(ExitCode == expected, $"Exit code {ExitCode} instead of {expected}.\n{Out}\n{Error}");
        return this;
    }
}
