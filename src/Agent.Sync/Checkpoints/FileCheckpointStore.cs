using System.Globalization;
using System.Security.Cryptography;
using Agent.Sync.Checkpoints;
using Agent.Sync.Files;
using Agent.Sync.Stores;

namespace Agent.Sync;

/// <summary>Keeps checkpoints in a directory of its own. They stay intact through crashes, and the processes of one machine share them.</summary>
/// <remarks>
/// <para>
/// A write goes to a temporary file, is flushed to disk, renamed, and the directory is flushed. Files are readable by
/// their owner only (0600, directory 0700; on Windows the directory's own permissions apply) and sealed with a random
/// key kept beside them, so that a damaged, changed or exchanged file is refused. The seal protects against accidents, not
/// against the owner of the account. Symbolic links are refused. Put the directory on a local disk: the lock between
/// processes is the operating system's file lock.
/// </para>
/// <para>Safe for concurrent use, also by several processes. Each call blocks its thread while it works on the disk.</para>
/// </remarks>
public sealed class FileCheckpointStore : ICheckpointStore
{
    private const int KeptAside = 3;
    private const int MaxLeaseBytes = 4096;
    private const int LockAttempts = 1000;
    private const string KeyName = "key";
    private const string AsideMark = ".aside-";

    private static readonly TimeSpan LockPause = TimeSpan.FromMilliseconds(10);

    private readonly PrivateDirectory _directory;
    private readonly TimeProvider _time;
    private byte[]? _key;

    /// <summary>Initializes a new instance. The first call opens the directory.</summary>
    /// <param name="directory">The store's own directory, created on first use with mode 0700. Other users must not be able to write to it.</param>
    /// <exception cref="ArgumentException">The path is empty.</exception>
    public FileCheckpointStore(string directory)
#pragma warning disable RS0030 // Only the pauses between attempts at a lock use it; leases take their time from the caller.
        : this(directory, TimeProvider.System)
#pragma warning restore RS0030
    {
    }

    internal FileCheckpointStore(string directory, TimeProvider time)
    {
        ArgumentException.ThrowIfNullOrWhiteSpace(directory);
        _directory = new PrivateDirectory(directory, CheckpointFailure.OfFiles);
        _time = time;
    }

    /// <inheritdoc/>
    public ValueTask<StoredCheckpoint?> ReadAsync(CheckpointId checkpoint, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        cancellationToken.ThrowIfCancellationRequested();
        return ValueTask.FromResult(CheckpointFailure.OfFiles.Guard(() => ReadCheckpoint(checkpoint)));
    }

    /// <inheritdoc/>
    public async ValueTask WriteAsync(CheckpointWrite write, CancellationToken cancellationToken)
    {
        CheckpointFailure.RequireSize(write);
        await UnderLockAsync(write.Checkpoint, () =>
        {
            ReadLease(write.Checkpoint).RequireNewest(write.Fence);
            CheckpointFailure.RequireRevision(ReadCheckpoint(write.Checkpoint)?.Revision ?? 0, write.ExpectedRevision);
            cancellationToken.ThrowIfCancellationRequested();
            var body = CheckpointFileBody.Write(write.ExpectedRevision + 1, write.Content.Span);
            _directory.Replace(CheckpointName(write.Checkpoint), CheckpointFileFormat.Seal(CheckpointFileFormat.CheckpointKind, write.Checkpoint, body, Key()));
            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    /// <remarks>The last three cleared files of a checkpoint are kept as <c>id.aside-n</c>.</remarks>
    public async ValueTask ClearAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        await UnderLockAsync(checkpoint, () =>
        {
            ReadLease(checkpoint).RequireNewest(fence);
            if (_directory.Exists(CheckpointName(checkpoint)))
            {
                PutAside(checkpoint);
            }

            return true;
        }, cancellationToken).ConfigureAwait(false);
    }

    /// <inheritdoc/>
    public async ValueTask<ReadOnlyMemory<byte>> GetOrCreateKeyAsync(CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        await EnsureKeyAsync(cancellationToken).ConfigureAwait(false);
        return Key().AsSpan().ToArray();
    }

    /// <inheritdoc/>
    public ValueTask<LeaseAnswer> AcquireLeaseAsync(LeaseRequest request, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(request);
        return UnderLockAsync(request.Checkpoint, () =>
        {
            _directory.SweepTemporaries(request.Checkpoint.Id);
            var lease = ReadLease(request.Checkpoint);
            var (book, answer) = lease.Acquire(request);
            if (book != lease)
            {
                WriteLease(request.Checkpoint, book);
            }

            return answer;
        }, cancellationToken);
    }

    /// <inheritdoc/>
    public ValueTask<bool> RenewLeaseAsync(CheckpointId checkpoint, Fence fence, DateTimeOffset expiresAt, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        return UnderLockAsync(checkpoint, () => WriteLease(checkpoint, ReadLease(checkpoint).Renew(fence, expiresAt)), cancellationToken);
    }

    /// <inheritdoc/>
    public async ValueTask ReleaseLeaseAsync(CheckpointId checkpoint, Fence fence, CancellationToken cancellationToken)
    {
        ArgumentNullException.ThrowIfNull(checkpoint);
        await UnderLockAsync(checkpoint, () => WriteLease(checkpoint, ReadLease(checkpoint).Release(fence)), cancellationToken).ConfigureAwait(false);
    }

    private static string CheckpointName(CheckpointId checkpoint) => checkpoint.Id;

    private static string LeaseName(CheckpointId checkpoint) => checkpoint.Id + ".lease";

    private StoredCheckpoint? ReadCheckpoint(CheckpointId checkpoint)
    {
        const int MaxLength = CheckpointFileFormat.Overhead + sizeof(long) + CheckpointFailure.MaxContentBytes;
        if (_directory.Read(CheckpointName(checkpoint), MaxLength) is not { } file)
        {
            return null;
        }

        return CheckpointFileBody.ReadCheckpoint(CheckpointFileFormat.Open(CheckpointFileFormat.CheckpointKind, checkpoint, file, Key()));
    }

    private LeaseBook ReadLease(CheckpointId checkpoint) =>
        _directory.Read(LeaseName(checkpoint), MaxLeaseBytes) is { } file
            ? CheckpointFileBody.ReadLease(CheckpointFileFormat.Open(CheckpointFileFormat.LeaseKind, checkpoint, file, Key()).Span)
            : LeaseBook.Empty;

    private bool WriteLease(CheckpointId checkpoint, LeaseBook? lease)
    {
        if (lease is null)
        {
            return false;
        }

        _directory.Replace(LeaseName(checkpoint), CheckpointFileFormat.Seal(CheckpointFileFormat.LeaseKind, checkpoint, CheckpointFileBody.Write(lease), Key()));
        return true;
    }

    private void PutAside(CheckpointId checkpoint)
    {
        var prefix = checkpoint.Id + AsideMark;
        var numbers = _directory.List(prefix)
            .Select(name => long.TryParse(name.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out var number) ? number : 0)
            .Where(static number => number > 0)
            .Order()
            .ToList();
        var next = numbers.Count == 0 ? 1 : numbers[^1] + 1;
        _directory.Rename(CheckpointName(checkpoint), Aside(next));
        foreach (var old in numbers.Take(Math.Max(0, numbers.Count + 1 - KeptAside)))
        {
            _directory.Delete(Aside(old));
        }

        string Aside(long number) => prefix + number.ToString(CultureInfo.InvariantCulture);
    }

    private byte[] Key() => _key ??= ReadKey() ?? throw CheckpointFailure.Refused("the store's key file is gone");

    private byte[]? ReadKey()
    {
        if (_directory.Read(KeyName, CheckpointFileFormat.KeyLength + SHA256.HashSizeInBytes) is not { } file)
        {
            return null;
        }

        if (file.Length != CheckpointFileFormat.KeyLength + SHA256.HashSizeInBytes
            || !SHA256.HashData(file.AsSpan(0, CheckpointFileFormat.KeyLength)).AsSpan().SequenceEqual(file.AsSpan(CheckpointFileFormat.KeyLength)))
        {
            throw CheckpointFailure.Refused("the store's key file is damaged");
        }

        return file[..CheckpointFileFormat.KeyLength];
    }

    private async ValueTask EnsureKeyAsync(CancellationToken cancellationToken)
    {
        if (_key is not null)
        {
            return;
        }

        CheckpointFailure.OfFiles.Guard(_directory.Prepare);
        using var held = await LockAsync(KeyName + ".lock", cancellationToken).ConfigureAwait(false);
        CheckpointFailure.OfFiles.Guard(() =>
        {
            _directory.SweepTemporaries(KeyName + ".");
            if (ReadKey() is null)
            {
                var key = RandomNumberGenerator.GetBytes(CheckpointFileFormat.KeyLength);
                _directory.Replace(KeyName, [.. key, .. SHA256.HashData(key)]);
            }

            _key = ReadKey();
        });
    }

    private async ValueTask<T> UnderLockAsync<T>(CheckpointId checkpoint, Func<T> work, CancellationToken cancellationToken)
    {
        cancellationToken.ThrowIfCancellationRequested();
        CheckpointFailure.OfFiles.Guard(_directory.Prepare);
        await EnsureKeyAsync(cancellationToken).ConfigureAwait(false);
        using var held = await LockAsync(checkpoint.Id + ".lock", cancellationToken).ConfigureAwait(false);
        return CheckpointFailure.OfFiles.Guard(work);
    }

    private async ValueTask<FileStream> LockAsync(string name, CancellationToken cancellationToken)
    {
        for (var attempt = 0; attempt < LockAttempts; attempt++)
        {
            if (CheckpointFailure.OfFiles.Guard(() => _directory.TryLock(name)) is { } held)
            {
                return held;
            }

            await Task.Delay(LockPause, _time, cancellationToken).ConfigureAwait(false);
        }

        throw CheckpointFailure.Failed("another process holds its file lock. Try again when that process is done.", isTransient: true);
    }
}
