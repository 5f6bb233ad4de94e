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

    public static TheoryData<string> Things => [.. PlacedThing.All];

    public void Dispose() => _folder.Dispose();

    [Theory]
    [MemberData(nameof(Things))]
    public async Task CheckpointStore_AnotherThingInPlaceOfAnyFile_FailsTypedAtOnce(string thing)
    {
        PlacedThing.SkipOnWindows();
        foreach (var name in (string[])[Checkpoint.Id, Checkpoint.Id + ".lease", Checkpoint.Id + ".lock", "key", "key.lock"])
        {
            var path = Path.Combine(_folder.Root, Guid.NewGuid().ToString("N"));
            var fence = await FillAsync(path);
            File.Delete(Path.Combine(path, name));
            PlacedThing.Put(thing, Path.Combine(path, name));

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
        PlacedThing.SkipOnWindows();
        foreach (var name in (string[])["session.json", "session.json.lock"])
        {
            var path = Path.Combine(_folder.Root, Guid.NewGuid().ToString("N"));
            Directory.CreateDirectory(path);
            PlacedThing.Put(thing, Path.Combine(path, name));
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
}
