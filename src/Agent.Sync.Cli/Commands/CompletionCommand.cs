using System.CommandLine;
using Agent.Sync.Cli.Events;

namespace Agent.Sync.Cli.Commands;

/// <summary>Prints the script that lets a shell complete the command line. It asks this tool, by its directive [suggest], and needs nothing else.</summary>
internal static class CompletionCommand
{
    private static readonly Dictionary<string, string> Scripts = new(StringComparer.Ordinal)
    {
        ["bash"] = """
            # In ~/.bashrc: eval "$(agent-sync completion bash)"
            _agent_sync() {
                local line=${COMP_LINE:0:COMP_POINT} word
                COMPREPLY=()
                while IFS= read -r word; do
                    word=${word%$'\r'}
                    case $word in "$2"*) COMPREPLY+=("$word") ;; esac
                done < <("$1" "[suggest:${#line}]" "$line" 2>/dev/null)
            }
            complete -o bashdefault -o default -F _agent_sync agent-sync
            """,
        ["zsh"] = """
            # In ~/.zshrc, after compinit: eval "$(agent-sync completion zsh)"
            _agent_sync() {
                local line="${(j: :)words[1,CURRENT]}"
                local -a found
                found=(${(f)"$("${words[1]}" "[suggest:${#line}]" "$line" 2>/dev/null)"})
                if (( ${#found} )); then compadd -a found; else _files; fi
            }
            compdef _agent_sync agent-sync
            """,
        ["fish"] = """
            # In ~/.config/fish/config.fish: agent-sync completion fish | source
            function __agent_sync_complete
                set -l line (commandline -cp)
                set -l program (commandline -opc)[1]
                set -l position (string length -- "$line")
                $program "[suggest:$position]" "$line" 2>/dev/null
            end
            complete -c agent-sync -f -a '(__agent_sync_complete)'
            """,
        ["pwsh"] = """
            # In $PROFILE: agent-sync completion pwsh | Out-String | Invoke-Expression
            Register-ArgumentCompleter -Native -CommandName agent-sync -ScriptBlock {
                param($wordToComplete, $commandAst, $cursorPosition)
                $position = $cursorPosition - $commandAst.Extent.StartOffset
                $line = $commandAst.ToString().PadRight($position).Substring(0, $position)
                & $commandAst.CommandElements[0].Value "[suggest:$position]" $line 2>$null |
                    Where-Object { $_ -like "$wordToComplete*" } |
                    ForEach-Object { [System.Management.Automation.CompletionResult]::new($_, $_, 'ParameterValue', $_) }
            }
            """,
    };

    private static readonly Argument<string> Shell = new Argument<string>("shell") { Description = "Which shell" }.AcceptOnlyFromAmong([.. Scripts.Keys]);

    public static Command Create()
    {
        Command command = new("completion", "Print the script that completes commands and options in a shell: bash, zsh, fish or pwsh") { Shell };
        command.SetAction(static parsed => CommandRunner.RunAsync(parsed, RunAsync));
        return command;
    }

    private static Task<int> RunAsync(CommandContext context)
    {
        context.Output.Write(new CompletionEvent(Scripts[context.Parsed.GetValue(Shell)!].ReplaceLineEndings("\n") + "\n"));
        return Task.FromResult(ExitCode.Completed);
    }
}
