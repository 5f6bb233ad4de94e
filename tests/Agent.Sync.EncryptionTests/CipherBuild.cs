using System.ComponentModel;
using System.Diagnostics;
using Agent.Sync.EncryptedApp;

namespace Agent.Sync.EncryptionTests;

/// <summary>SQLite3MultipleCiphers, built by eng/sqlite3mc once for the clone, as the SQLite of this process.</summary>
internal static class CipherBuild
{
    private const int NoCompiler = 3;

    private static readonly Lazy<(string? Library, string? Missing)> Built = new(Build);

    /// <summary>Gets the library. Where there is no C compiler the test is skipped, unless CI is set.</summary>
    public static string Library => Built.Value.Library ?? throw Xunit.Sdk.SkipException.ForSkip(Built.Value.Missing!);

    private static (string? Library, string? Missing) Build()
    {
        ProcessStartInfo start = new("bash", [Path.Combine(FindRoot(), "eng", "sqlite3mc", "build.sh")]) { RedirectStandardOutput = true };
        try
        {
            using var build = Process.Start(start)!;
            var library = build.StandardOutput.ReadToEnd().Trim();
            build.WaitForExit();
            if (build.ExitCode == 0)
            {
                CipherLibrary.Use(library);
                return (library, null);
            }

            return build.ExitCode == NoCompiler ? Missing("a C compiler") : throw new InvalidOperationException($"eng/sqlite3mc/build.sh ended with {build.ExitCode}.");
        }
        catch (Win32Exception)
        {
            return Missing("bash");
        }
    }

    private static (string? Library, string? Missing) Missing(string program) => string.IsNullOrEmpty(Environment.GetEnvironmentVariable("CI"))
        ? (null, $"SQLite3MultipleCiphers is built with {program}, which was not found.")
        : throw new InvalidOperationException($"With CI set the encryption tests need {program}.");

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Agent.Sync.sln")))
        {
            folder = folder.Parent!;
        }

        return folder.FullName;
    }
}
