using System.Security.Cryptography;

namespace BackendHost;

/// <summary>Keeps node_modules as package-lock.json says.</summary>
internal static class NodePackages
{
    private static readonly TimeSpan LockPoll = TimeSpan.FromMilliseconds(200);

    public static async Task EnsureAsync(string folder, string node, Action<string>? log, CancellationToken cancellationToken)
    {
        string wanted = await FingerprintAsync(folder, cancellationToken);
        if (IsInstalled(folder, wanted))
        {
            return;
        }

        // Two runs side by side would delete each other's packages: npm ci starts by removing the folder.
        await using FileStream held = await LockAsync(folder, log, cancellationToken);
        if (IsInstalled(folder, wanted))
        {
            return;
        }

        log?.Invoke("Installing the local backend's npm packages (once, about 150 MB)...");
        (int exitCode, string output) = await ProgramFinder.RunAsync(
            ProgramFinder.FindNpm(node), ["ci", "--no-audit", "--no-fund", "--loglevel=error"], folder, cancellationToken);
        if (exitCode != 0)
        {
            string[] lines = output.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
            throw new LocalBackendException(
                $"npm ci failed in eng/backend (exit code {exitCode}); is the npm registry reachable? {string.Join(" | ", lines.TakeLast(5))}");
        }

        // Written last and in one step: a marker means that npm finished.
        string marker = MarkerOf(folder);
        string unfinished = marker + ".new";
        await File.WriteAllTextAsync(unfinished, wanted, cancellationToken);
        File.Move(unfinished, marker, overwrite: true);
    }

    private static string MarkerOf(string folder) => Path.Combine(folder, "node_modules", ".installed");

    private static bool IsInstalled(string folder, string wanted)
    {
        string marker = MarkerOf(folder);
        return File.Exists(marker) && File.ReadAllText(marker) == wanted;
    }

    private static async Task<string> FingerprintAsync(string folder, CancellationToken cancellationToken)
    {
        byte[] content = await File.ReadAllBytesAsync(Path.Combine(folder, "package-lock.json"), cancellationToken);
        return Convert.ToHexString(SHA256.HashData(content));
    }

    private static async Task<FileStream> LockAsync(string folder, Action<string>? log, CancellationToken cancellationToken)
    {
        string path = Path.Combine(Directory.CreateDirectory(Path.Combine(folder, "obj")).FullName, "npm.lock");
        for (bool told = false; ; told = true)
        {
            try
            {
                return new FileStream(path, FileMode.OpenOrCreate, FileAccess.ReadWrite, FileShare.None);
            }
            catch (IOException) when (File.Exists(path))
            {
                if (!told)
                {
                    log?.Invoke("Waiting for another run that installs the npm packages...");
                }

                await Task.Delay(LockPoll, cancellationToken);
            }
        }
    }
}
