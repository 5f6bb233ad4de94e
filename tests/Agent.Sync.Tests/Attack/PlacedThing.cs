using System.Net.Sockets;
using System.Runtime.InteropServices;

namespace Agent.Sync.Tests.Attack;

/// <summary>Puts something else where a file is expected.</summary>
internal static class PlacedThing
{
    private const uint OwnerOnly = 0x180;

    public static IReadOnlyList<string> All { get; } =
        ["a pipe", "a socket", "a folder", "a link", "a link to nothing", "a link to itself", "an endless file", "a huge file", "an empty file", "a file of zeros", "a file of noise"];

    public static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither pipes nor sockets among its files.");

    public static void Put(string thing, string path)
    {
        switch (thing)
        {
            case "a pipe":
                Assert.Equal(0, MakePipe(path, OwnerOnly));
                break;
            case "a socket":
                // The file stays when the socket is closed.
                using (var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified))
                {
                    var place = Path.Combine(Path.GetTempPath(), $"agent-sync-{Guid.NewGuid():N}");
                    socket.Bind(new UnixDomainSocketEndPoint(place));
                    File.Move(place, path);
                }

                break;
            case "a folder":
                Directory.CreateDirectory(path);
                File.WriteAllText(Path.Combine(path, "content"), "x");
                break;
            case "a link":
                File.WriteAllText(path + ".target", "x");
                File.CreateSymbolicLink(path, path + ".target");
                break;
            case "a link to nothing":
                File.CreateSymbolicLink(path, path + ".nothing");
                break;
            case "a link to itself":
                File.CreateSymbolicLink(path, path);
                break;
            case "an endless file":
                File.CreateSymbolicLink(path, "/dev/zero");
                break;
            case "a huge file":
                using (var file = File.Create(path))
                {
                    // It takes no room on the disk.
                    file.SetLength(1L << 40);
                }

                break;
            case "an empty file":
                File.WriteAllBytes(path, []);
                break;
            case "a file of zeros":
                File.WriteAllBytes(path, new byte[16 * 1024]);
                break;
            default:
                var noise = new byte[16 * 1024];
                new Random(1).NextBytes(noise);
                File.WriteAllBytes(path, noise);
                break;
        }
    }

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakePipe([MarshalAs(UnmanagedType.LPStr)] string path, uint mode);
}
