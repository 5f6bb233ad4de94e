using System.Diagnostics;
using System.Globalization;

namespace BackendHost;

/// <summary>Finds the programs and the folder that the backend needs.</summary>
internal static class ProgramFinder
{
    private const int OldestNode = 20;
    private const string FolderVariable = "AGENT_SYNC_LOCAL_BACKEND";

    public static async Task<string> FindNodeAsync(CancellationToken cancellationToken)
    {
        string node = FindOnPath("node") ?? FindOnPath("nodejs") ?? throw new LocalBackendException(
            "Node.js 20 or newer is needed and was not found: install it from https://nodejs.org (or with the system's package manager).");
        (int exitCode, string output) = await RunAsync(node, ["--version"], directory: null, cancellationToken);
        string version = output.Trim();
        bool parsed = int.TryParse(version.TrimStart('v').Split('.')[0], NumberStyles.None, CultureInfo.InvariantCulture, out int major);
        if (exitCode != 0 || !parsed || major < OldestNode)
        {
            throw new LocalBackendException(
                $"Node.js 20 or newer is needed and {version} was found: install a newer one from https://nodejs.org.");
        }

        return node;
    }

    public static string FindNpm(string node)
    {
        string name = OperatingSystem.IsWindows() ? "npm.cmd" : "npm";
        string beside = Path.Combine(Path.GetDirectoryName(node)!, name);
        return File.Exists(beside) ? beside : FindOnPath("npm") ?? throw new LocalBackendException(
            "npm is needed and was not found: it comes with Node.js from https://nodejs.org (Debian: apt-get install npm).");
    }

    public static string FindFolder()
    {
        string? named = Environment.GetEnvironmentVariable(FolderVariable);
        if (!string.IsNullOrEmpty(named))
        {
            return File.Exists(Path.Combine(named, "main.mjs")) ? Path.GetFullPath(named) : throw new LocalBackendException(
                $"{FolderVariable} names a folder without main.mjs: set it to a clone's eng/backend.");
        }

        foreach (string start in (string[])[AppContext.BaseDirectory, Environment.CurrentDirectory])
        {
            for (DirectoryInfo? directory = new(start); directory is not null; directory = directory.Parent)
            {
                string candidate = Path.Combine(directory.FullName, "eng", "backend");
                if (File.Exists(Path.Combine(candidate, "main.mjs")))
                {
                    return candidate;
                }
            }
        }

        throw new LocalBackendException(
            "The local backend, eng/backend, was not found above the program or the current folder. It is part of the repository and of no package: "
            + $"run this inside a clone, or set {FolderVariable} to the clone's eng/backend.");
    }

    /// <summary>Runs a program to its end; the output is stdout and stderr as they came.</summary>
    public static async Task<(int ExitCode, string Output)> RunAsync(
        string program, IEnumerable<string> arguments, string? directory, CancellationToken cancellationToken)
    {
        ProcessStartInfo start = new(program, arguments)
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
            WorkingDirectory = directory ?? "",
        };
        using Process process = Process.Start(start) ?? throw new LocalBackendException($"{program} could not be started.");
        process.StandardInput.Close();
        try
        {
            Task<string> output = process.StandardOutput.ReadToEndAsync(cancellationToken);
            Task<string> errors = process.StandardError.ReadToEndAsync(cancellationToken);
            await process.WaitForExitAsync(cancellationToken);
            return (process.ExitCode, await output + await errors);
        }
        catch (OperationCanceledException)
        {
            process.Kill(entireProcessTree: true);
            throw;
        }
    }

    private static string? FindOnPath(string name)
    {
        string[] suffixes = OperatingSystem.IsWindows() ? [".exe", ".cmd"] : [""];
        string[] folders = (Environment.GetEnvironmentVariable("PATH") ?? "").Split(
            Path.PathSeparator, StringSplitOptions.RemoveEmptyEntries);
        return folders.SelectMany(folder => suffixes.Select(suffix => Path.Combine(folder, name + suffix))).FirstOrDefault(File.Exists);
    }
}
