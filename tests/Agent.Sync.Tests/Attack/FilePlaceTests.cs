using System.Net.Sockets;
using System.Runtime.InteropServices;
using Agent.Sync.Stores;
using Agent.Sync.Tests.Files;
using Agent.Sync.Tests.Postgrest;

namespace Agent.Sync.Tests.Attack;

/// <summary>Something else lies where a file of the library's is expected: nobody waits for ever, and nothing raw comes out.</summary>
public sealed class FilePlaceTests : IDisposable
{
    private static readonly TimeSpan Hangs = TimeSpan.FromSeconds(30);
    private static readonly CheckpointId Checkpoint = CheckpointId.For(SampleDatasets.Of("items").Build());

    private readonly TemporaryDirectory _folder = new();
    private readonly SkippingTime _time = new(new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero));
    private readonly List<Socket> _sockets = [];

    public static TheoryData<string> Things => ["a pipe", "a socket", "a folder", "a link", "a link to nothing", "a link to itself", "an endless file", "a huge file", "an empty file", "a file of zeros"];

    public void Dispose()
    {
        _sockets.ForEach(static socket => socket.Dispose());
        _folder.Dispose();
    }

    [Theory]
    [MemberData(nameof(Things))]
    public async Task CheckpointStore_AnotherThingInPlaceOfAnyFile_FailsTypedAtOnce(string thing)
    {
        SkipOnWindows();
        foreach (var name in (string[])[Checkpoint.Id, Checkpoint.Id + ".lease", Checkpoint.Id + ".lock", "key", "key.lock"])
        {
            var path = Path.Combine(_folder.Root, Guid.NewGuid().ToString("N"));
            var fence = await FillAsync(path);
            File.Delete(Path.Combine(path, name));
            Put(thing, Path.Combine(path, name));

            var store = new FileCheckpointStore(path, _time);
            await RunAsync(async () => await store.ReadAsync(Checkpoint, CancellationToken.None));
            await RunAsync(async () => await store.WriteAsync(new CheckpointWrite(Checkpoint, new byte[10], 1, fence), CancellationToken.None));
            await RunAsync(async () => await store.AcquireLeaseAsync(Request(_time), CancellationToken.None));
            await RunAsync(async () => await store.RenewLeaseAsync(Checkpoint, fence, _time.GetUtcNow(), CancellationToken.None));
            await RunAsync(async () => await store.ReleaseLeaseAsync(Checkpoint, fence, CancellationToken.None));
            await RunAsync(async () => await store.ClearAsync(Checkpoint, fence, CancellationToken.None));
            await RunAsync(async () => await new FileCheckpointStore(path, _time).GetOrCreateKeyAsync(CancellationToken.None));
        }
    }

    [Theory]
    [MemberData(nameof(Things))]
    public async Task Session_AnotherThingInPlaceOfAFile_FailsTypedAtOnce(string thing)
    {
        SkipOnWindows();
        foreach (var name in (string[])["session.json", "session.json.lock"])
        {
            var path = Path.Combine(_folder.Root, Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(path);
            Put(thing, Path.Combine(path, name));
            await RunAsync(async () =>
            {
                using var session = Open(Path.Combine(path, "session.json"));
                Assert.False(session.IsSignedIn);
                await OnlyTyped.RunAsync(async () => Assert.Null(await session.GetAccessTokenAsync()));
                await OnlyTyped.RunAsync(() => session.SignInAsync("ada@example.test", "secret"));
                await OnlyTyped.RunAsync(async () => await session.GetAccessTokenAsync(new AccessToken(TestToken.Of().Value)));
                await OnlyTyped.RunAsync(() => session.SignOutAsync());
            });
        }
    }

    private static LeaseRequest Request(TimeProvider time) => new(Checkpoint, new LeaseOwner("machine", 1, 1, Guid.NewGuid()), time.GetUtcNow(), TimeSpan.FromMinutes(1), static _ => true);

    private static async Task RunAsync(Func<Task> work)
    {
        // What waits for a pipe would wait on the caller's own thread.
        var running = Task.Run(() => OnlyTyped.RunAsync(work));
        await running.WaitAsync(Hangs, TimeProvider.System);
    }

    private static void SkipOnWindows() => Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has neither pipes nor sockets among its files.");

    private async Task<Fence> FillAsync(string path)
    {
        var store = new FileCheckpointStore(path, _time);
        var answer = await store.AcquireLeaseAsync(Request(_time), CancellationToken.None);
        await store.WriteAsync(new CheckpointWrite(Checkpoint, new byte[10], 0, answer.Fence!.Value), CancellationToken.None);
        return answer.Fence.Value;
    }

    private SupabaseSession Open(string path) => new(new SupabaseSessionOptions
    {
        Url = new Uri("https://abc.supabase.co"),
        ApiKey = "sb_publishable_key",
        Handler = new ScriptedHandler(_time).Then(static () => Answers.Page($$"""{"access_token":"{{TestToken.Of().Value}}","expires_in":3600,"refresh_token":"refresh"}""")),
        Time = _time,
        StateFile = path,
    });

    private void Put(string thing, string path)
    {
        switch (thing)
        {
            case "a pipe":
                Assert.Equal(0, MakePipe(path, 0x180));
                break;
            case "a socket":
                var socket = new Socket(AddressFamily.Unix, SocketType.Stream, ProtocolType.Unspecified);
                _sockets.Add(socket);
                var place = Path.Combine(_folder.Root, _sockets.Count.ToString(System.Globalization.CultureInfo.InvariantCulture));
                socket.Bind(new UnixDomainSocketEndPoint(place));
                File.Move(place, path);
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
            default:
                File.WriteAllBytes(path, new byte[4096]);
                break;
        }
    }

    [DllImport("libc", EntryPoint = "mkfifo", CharSet = CharSet.Ansi, BestFitMapping = false, ThrowOnUnmappableChar = true)]
    [DefaultDllImportSearchPaths(DllImportSearchPath.SafeDirectories)]
    private static extern int MakePipe([MarshalAs(UnmanagedType.LPStr)] string path, uint mode);
}
