namespace QuickStart.Commands;

/// <summary>Commands as a reader can copy them.</summary>
internal static class Shell
{
    private const string Launcher = "./eng/agent-sync.sh";

    public static string AgentSync(string arguments) =>
        (!OperatingSystem.IsWindows() && File.Exists(Launcher) ? Launcher : "agent-sync") + " " + arguments;

    public static string Quote(string path) => path.Contains(' ', StringComparison.Ordinal) ? $"'{path}'" : path;
}
