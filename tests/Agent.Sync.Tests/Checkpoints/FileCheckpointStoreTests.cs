using System.Text;
using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;
using Agent.Sync.Testing;
using Agent.Sync.Tests.Files;

namespace Agent.Sync.Tests.Checkpoints;

public sealed class FileCheckpointStoreTests : IDisposable
{
    private static readonly DateTimeOffset Noon = new(2026, 1, 1, 12, 0, 0, TimeSpan.Zero);
    private static readonly LeaseOwner Owner = new("machine", 1, 1, new Guid(1, 0, 0, new byte[8]));
    private static readonly CheckpointId Slot = SlotOf("one");
    private static readonly CheckpointId OtherSlot = SlotOf("two");

    private readonly TemporaryDirectory _directory = new();

    private static CancellationToken Token => TestContext.Current.CancellationToken;

    private string File => Path.Combine(_directory.Path, Slot.Id);

    public void Dispose() => _directory.Dispose();

    [Fact]
    public async Task Read_AnyByteFlipped_IsRefused()
    {
        var store = await FilledAsync();
        var bytes = await System.IO.File.ReadAllBytesAsync(File, Token);

        for (var index = 0; index < bytes.Length; index++)
        {
            foreach (var mask in new byte[] { 0x01, 0x80, 0xFF })
            {
                bytes[index] ^= mask;
                await System.IO.File.WriteAllBytesAsync(File, bytes, Token);
                Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(store));
                Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(new FileCheckpointStore(_directory.Path)));
                bytes[index] ^= mask;
            }
        }
    }

    [Fact]
    public async Task Read_AnyLengthCutOrExtended_IsRefused()
    {
        var store = await FilledAsync();
        var bytes = await System.IO.File.ReadAllBytesAsync(File, Token);

        for (var length = 0; length < bytes.Length; length++)
        {
            await System.IO.File.WriteAllBytesAsync(File, bytes[..length], Token);
            Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(store));
            await System.IO.File.WriteAllBytesAsync(File, [.. bytes[..length], .. new byte[bytes.Length - length]], Token);
            Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(store));
        }

        await System.IO.File.WriteAllBytesAsync(File, [.. bytes, 0], Token);
        Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(store));
        await System.IO.File.WriteAllBytesAsync(File, [.. bytes, .. bytes], Token);
        Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(store));
        await System.IO.File.WriteAllBytesAsync(File, new byte[1 << 20], Token);
        Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(store));
    }

    [Fact]
    public async Task Read_NewerFormat_IsCheckpointTooNew()
    {
        var store = await FilledAsync();
        var key = await store.GetOrCreateKeyAsync(Token);
        byte[] body = [1, 2, 3];

        await System.IO.File.WriteAllBytesAsync(File, CheckpointFileFormat.Seal(CheckpointFileFormat.CheckpointKind, Slot, body, key.Span, version: 2), Token);

        Assert.Equal(SyncErrorKind.CheckpointTooNew, await KindOfReadAsync(store));
    }

    [Fact]
    public async Task Read_AnotherSlotsFile_IsRefused()
    {
        var store = await FilledAsync();
        var fence = await TakeAsync(store, OtherSlot);
        await store.WriteAsync(new CheckpointWrite(OtherSlot, "other"u8.ToArray(), 0, fence), Token);

        System.IO.File.Copy(Path.Combine(_directory.Path, OtherSlot.Id), File, overwrite: true);

        Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(store));
    }

    [Fact]
    public async Task Read_LeaseFileInItsPlace_IsRefused()
    {
        var store = await FilledAsync();

        System.IO.File.Copy(File + ".lease", File, overwrite: true);

        Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(store));
    }

    [Fact]
    public async Task Read_KeyGoneOrDamaged_IsRefused()
    {
        await FilledAsync();
        var key = Path.Combine(_directory.Path, "key");
        var bytes = await System.IO.File.ReadAllBytesAsync(key, Token);
        bytes[5] ^= 1;

        await System.IO.File.WriteAllBytesAsync(key, bytes, Token);
        Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(new FileCheckpointStore(_directory.Path)));
        System.IO.File.Delete(key);

        Assert.Equal(SyncErrorKind.CheckpointRefused, await KindOfReadAsync(new FileCheckpointStore(_directory.Path)));
    }

    [Fact]
    public async Task Acquire_LeaseFileDamaged_IsRefused()
    {
        await FilledAsync();
        var lease = File + ".lease";
        var bytes = await System.IO.File.ReadAllBytesAsync(lease, Token);

        for (var index = 0; index < bytes.Length; index++)
        {
            bytes[index] ^= 0x10;
            await System.IO.File.WriteAllBytesAsync(lease, bytes, Token);
            var store = new FileCheckpointStore(_directory.Path);
            var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await TakeAsync(store, Slot));
            Assert.Equal(SyncErrorKind.CheckpointRefused, exception.Kind);
            bytes[index] ^= 0x10;
        }
    }

    [Fact]
    public async Task Read_NothingThere_TouchesNothing()
    {
        Assert.Null(await new FileCheckpointStore(_directory.Path).ReadAsync(Slot, Token));

        Assert.False(Directory.Exists(_directory.Path));
    }

    [Fact]
    public async Task Write_Damaged_IsRefusedUntilCleared()
    {
        var store = await FilledAsync();
        var fence = await TakeAsync(store, Slot);
        await System.IO.File.WriteAllTextAsync(File, "torn", Token);

        await Assert.ThrowsAsync<SyncStoreException>(async () => await store.WriteAsync(new CheckpointWrite(Slot, "x"u8.ToArray(), 1, fence), Token));
        await store.ClearAsync(Slot, fence, Token);

        Assert.Null(await store.ReadAsync(Slot, Token));
        Assert.Equal("torn", await System.IO.File.ReadAllTextAsync(File + ".aside-1", Token));
    }

    [Fact]
    public async Task Clear_ManyTimes_KeepsTheLastThreeAside()
    {
        var store = await FilledAsync();
        var fence = await TakeAsync(store, Slot);

        for (var round = 0; round < 6; round++)
        {
            await store.ClearAsync(Slot, fence, Token);
            await store.WriteAsync(new CheckpointWrite(Slot, "x"u8.ToArray(), 0, fence), Token);
        }

        var aside = Directory.GetFiles(_directory.Path, "*.aside-*").Select(Path.GetExtension).Order(StringComparer.Ordinal);
        Assert.Equal([".aside-4", ".aside-5", ".aside-6"], aside);
    }

    [Fact]
    public async Task Acquire_TemporaryFilesLeftOver_AreRemoved()
    {
        await FilledAsync();
        var left = File + ".0123456789abcdef.tmp";
        var others = Path.Combine(_directory.Path, OtherSlot.Id + ".0123456789abcdef.tmp");
        await System.IO.File.WriteAllTextAsync(left, "half", Token);
        await System.IO.File.WriteAllTextAsync(others, "half", Token);

        await TakeAsync(new FileCheckpointStore(_directory.Path), Slot);

        Assert.False(System.IO.File.Exists(left));
        Assert.True(System.IO.File.Exists(others));
    }

    [Fact]
    public async Task Write_Always_LeavesNoTemporaryFileAndNoUserText()
    {
        await FilledAsync();

        string[] names = [.. Directory.GetFiles(_directory.Path).Select(static file => Path.GetFileName(file)!).Order(StringComparer.Ordinal)];

        string[] expected = [Slot.Id, Slot.Id + ".lease", Slot.Id + ".lock", "key", "key.lock"];
        Assert.Equal(expected.Order(StringComparer.Ordinal), names);
    }

    [Fact]
    public async Task Files_OnUnix_BelongToTheirOwnerAlone()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        await FilledAsync();

        if (!OperatingSystem.IsWindows())
        {
            const UnixFileMode OwnerOnly = UnixFileMode.UserRead | UnixFileMode.UserWrite;
            Assert.Equal(OwnerOnly | UnixFileMode.UserExecute, System.IO.File.GetUnixFileMode(_directory.Path));
            foreach (var file in Directory.GetFiles(_directory.Path))
            {
                Assert.Equal(OwnerOnly, System.IO.File.GetUnixFileMode(file));
            }
        }
    }

    [Fact]
    public async Task Write_DirectoryOpenToOthers_IsRefused()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "Windows has no file modes.");
        Directory.CreateDirectory(_directory.Path);
        if (!OperatingSystem.IsWindows())
        {
            System.IO.File.SetUnixFileMode(_directory.Path, (UnixFileMode)0b111_111_111);
        }

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await TakeAsync(new FileCheckpointStore(_directory.Path), Slot));

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
    }

    [Fact]
    public async Task Open_DirectoryIsALink_IsRefused()
    {
        var real = Directory.CreateDirectory(Path.Combine(_directory.Root, "real"));
        Directory.CreateSymbolicLink(_directory.Path, real.FullName);
        var store = new FileCheckpointStore(_directory.Path + Path.DirectorySeparatorChar);

        Assert.Equal(SyncErrorKind.StoreFailed, await KindOfReadAsync(store));
        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await TakeAsync(store, Slot));
        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
        Assert.Empty(real.GetFileSystemInfos());
    }

    [Theory]
    [InlineData("")]
    [InlineData(".lease")]
    [InlineData(".lock")]
    public async Task Write_FileIsALink_IsRefusedAndItsTargetIsUntouched(string ending)
    {
        var store = await FilledAsync();
        var fence = await TakeAsync(store, Slot);
        var target = Path.Combine(_directory.Root, "target");
        System.IO.File.Move(File + ending, target);
        System.IO.File.CreateSymbolicLink(File + ending, target);
        var before = await System.IO.File.ReadAllBytesAsync(target, Token);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(
            async () => await store.WriteAsync(new CheckpointWrite(Slot, "new"u8.ToArray(), 1, fence), Token));

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
        Assert.Equal(before, await System.IO.File.ReadAllBytesAsync(target, Token));
    }

    [Fact]
    public async Task Write_PathIsAFile_FailsTyped()
    {
        await System.IO.File.WriteAllTextAsync(_directory.Path, "in the way", Token);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(async () => await TakeAsync(new FileCheckpointStore(_directory.Path), Slot));

        Assert.Equal(SyncErrorKind.StoreFailed, exception.Kind);
        Assert.False(exception.IsTransient);
    }

    [Fact]
    public async Task Write_TooLarge_IsMisuse()
    {
        var store = await FilledAsync();

        await Assert.ThrowsAsync<ArgumentException>(
            async () => await store.WriteAsync(new CheckpointWrite(Slot, new byte[(64 * 1024) + 1], 1, new Fence(1)), Token));
    }

    [Fact]
    public async Task Write_ManyThreadsAndHandles_EachRevisionHasOneWinner()
    {
        var first = await FilledAsync();
        var fence = await TakeAsync(first, Slot);
        var wins = new int[4];

        await Task.WhenAll(Enumerable.Range(0, 4).Select(writer => Task.Run(
            async () =>
            {
                var store = new FileCheckpointStore(_directory.Path);
                for (var round = 0; round < 25; round++)
                {
                    var found = await store.ReadAsync(Slot, Token);
                    try
                    {
                        await store.WriteAsync(new CheckpointWrite(Slot, Encoding.UTF8.GetBytes($"{writer}:{round}"), found!.Revision, fence), Token);
                        wins[writer]++;
                    }
                    catch (SyncStoreException exception) when (exception.Kind == SyncErrorKind.CheckpointConflict)
                    {
                        // Another writer was first.
                    }
                }
            },
            Token)));

        Assert.Equal(1 + wins.Sum(), (await first.ReadAsync(Slot, Token))!.Revision);
    }

    [Fact]
    public async Task GetOrCreateKey_ManyAtOnce_AllGetOneKey()
    {
        var keys = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(
            async () => Convert.ToHexString((await new FileCheckpointStore(_directory.Path).GetOrCreateKeyAsync(Token)).Span), Token)));

        Assert.Single(keys.Distinct());
    }

    [Fact]
    public async Task Acquire_ManyOwnersAtOnce_OneGetsTheLease()
    {
        var answers = await Task.WhenAll(Enumerable.Range(1, 8).Select(number => Task.Run(
            async () =>
            {
                var owner = Owner with { ProcessId = number };
                return await new FileCheckpointStore(_directory.Path).AcquireLeaseAsync(new LeaseRequest(Slot, owner, Noon, TimeSpan.FromSeconds(30), static _ => false), Token);
            },
            Token)));

        Assert.Single(answers, static answer => answer.Fence is not null);
    }

    [Fact]
    public async Task Write_LockHeldElsewhere_WaitsAndThenFailsAsTransient()
    {
        var time = new VirtualTimeProvider();
        await FilledAsync();
        var store = new FileCheckpointStore(_directory.Path, time);
        await using var held = new FileStream(File + ".lock", FileMode.Open, FileAccess.ReadWrite, FileShare.None);

        var write = store.WriteAsync(new CheckpointWrite(Slot, "x"u8.ToArray(), 1, new Fence(1)), Token).AsTask();
        time.RunUntilCompleted(write);

        var exception = await Assert.ThrowsAsync<SyncStoreException>(() => write);
        Assert.Equal((SyncErrorKind.StoreFailed, true), (exception.Kind, exception.IsTransient));
        Assert.Equal(TimeSpan.FromSeconds(10), time.Elapsed);
    }

    private static CheckpointId SlotOf(string name) =>
        CheckpointId.For(Dataset.Define(name).Key("id", ColumnType.Uuid).UpdatedAt("updated_at").Build());

    private static async Task<Fence> TakeAsync(FileCheckpointStore store, CheckpointId slot) =>
        (await store.AcquireLeaseAsync(new LeaseRequest(slot, Owner, Noon, TimeSpan.FromSeconds(30), static _ => false), Token)).Fence!.Value;

    private static async Task<SyncErrorKind?> KindOfReadAsync(FileCheckpointStore store)
    {
        try
        {
            await store.ReadAsync(Slot, Token);
            return null;
        }
        catch (SyncStoreException exception)
        {
            return exception.Kind;
        }
    }

    private async Task<FileCheckpointStore> FilledAsync()
    {
        var store = new FileCheckpointStore(_directory.Path);
        var fence = await TakeAsync(store, Slot);
        await store.WriteAsync(new CheckpointWrite(Slot, "the position"u8.ToArray(), 0, fence), Token);
        return store;
    }
}
