using System.Diagnostics;
using Agent.Sync.Cli.Commands;

namespace Agent.Sync.Cli.Tests.Commands;

/// <summary>The completion script, run by bash.</summary>
public sealed class CompletionTests
{
    [Theory]
    [InlineData("agent-sync sy", "sync")]
    [InlineData("agent-sync sync --co", "--config --conflicts")]
    [InlineData("agent-sync sync --conflicts l", "local")]
    [InlineData("agent-sync completion f", "fish")]
    [InlineData("agent-sync --j", "--json")]
    [InlineData("agent-sync quarantine nothing-like-this", "")]
    public async Task Bash_CommandLineUnderWay_IsCompleted(string line, string expected)
    {
        if (OperatingSystem.IsWindows() || !File.Exists("/bin/bash"))
        {
            Assert.Skip("Needs bash.");
            return;
        }

        var folder = Directory.CreateTempSubdirectory("agent-sync-completion-");
        try
        {
            var program = Path.Combine(folder.FullName, "agent-sync");
            await File.WriteAllTextAsync(program, $"#!/bin/sh\nexec dotnet exec '{Path.Combine(AppContext.BaseDirectory, "agent-sync.dll")}' \"$@\"\n", TestContext.Current.CancellationToken);
            File.SetUnixFileMode(program, UnixFileMode.UserRead | UnixFileMode.UserExecute);

            // What bash does at Tab: the variables, and the function that was registered, with the command, the word and the word before.
            var answer = await BashAsync(folder.FullName, $$"""
                PATH="$PWD:$PATH"
                eval "$(agent-sync completion bash)"
                registered=$(complete -p agent-sync); [[ $registered == *'-F _agent_sync agent-sync' ]] || exit 9
                COMP_LINE='{{line}}'; COMP_POINT=${#COMP_LINE}
                read -ra COMP_WORDS <<< "$COMP_LINE"; [[ $COMP_LINE == *' ' ]] && COMP_WORDS+=('')
                COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
                _agent_sync agent-sync "${COMP_WORDS[COMP_CWORD]}" "${COMP_WORDS[COMP_CWORD - 1]}"
                printf '%s ' "${COMPREPLY[@]}"
                """);

            Assert.Equal(expected, answer.Trim());
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Theory]
    [InlineData("completion", 2)]
    [InlineData("completion tcsh", 2)]
    public async Task RunAsync_ShellThatIsNotKnown_IsRefused(string line, int exitCode) => Assert.Equal(exitCode, await CommandTree.RunAsync(line.Split(' ')));

    private static async Task<string> BashAsync(string folder, string script)
    {
        using var bash = Process.Start(new ProcessStartInfo("/bin/bash", ["--norc", "-c", script]) { WorkingDirectory = folder, RedirectStandardOutput = true, RedirectStandardError = true })!;
        var error = bash.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        var answer = await bash.StandardOutput.ReadToEndAsync(TestContext.Current.CancellationToken);
        await bash.WaitForExitAsync(TestContext.Current.CancellationToken);
        Assert.True(bash.ExitCode == 0, await error);
        return answer;
    }
}
