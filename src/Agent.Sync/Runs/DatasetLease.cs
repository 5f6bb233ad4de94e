using Agent.Sync.Seams;
using Agent.Sync.Stores;

namespace Agent.Sync.Runs;

/// <summary>Holds one dataset's lease: one writer per dataset.</summary>
internal sealed class DatasetLease
{
    private static readonly TimeSpan TimeToLive = TimeSpan.FromSeconds(30);
    private static readonly TimeSpan RenewAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan AskAgainAfter = TimeSpan.FromSeconds(1);

    private readonly ICheckpointStore _store;
    private readonly CheckpointId _id;
    private readonly string _dataset;
    private readonly TimeProvider _time;
    private readonly LeaseOwner _owner;
    private readonly Action<LeaseOwner> _ended;
    private readonly Lock _gate = new();
    private Task? _renewal;
    private long _renewed;

    private DatasetLease(ICheckpointStore store, CheckpointId id, Dataset dataset, EngineSeams seams, LeaseOwner owner, Fence fence)
    {
        _store = store;
        _id = id;
        _dataset = dataset.Name;
        _time = seams.Time;
        _owner = owner;
        _ended = seams.OwnerEnded;
        _renewed = _time.GetTimestamp();
        Fence = fence;
    }

    public Fence Fence { get; }

    /// <summary>Returns what a store of changes checks when it writes; null where the lease is in another store.</summary>
    public Fence? HeldIn(IChangeStore store) => ReferenceEquals(store, _store) ? Fence : null;

    /// <param name="store">Where the lease is.</param>
    /// <param name="dataset">Whose lease.</param>
    /// <param name="seams">Time and who we are.</param>
    /// <param name="wait">How long to wait for another holder; zero fails at once.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="SyncStoreException">Somebody else holds it: <see cref="SyncErrorKind.LeaseHeld"/>.</exception>
    public static Task<DatasetLease> AcquireAsync(
        ICheckpointStore store, Dataset dataset, EngineSeams seams, TimeSpan wait, CancellationToken cancellationToken) =>
        AcquireAsync(store, CheckpointId.For(dataset), dataset, seams, wait, cancellationToken);

    /// <summary>As above, of another checkpoint of the dataset's.</summary>
    public static async Task<DatasetLease> AcquireAsync(
        ICheckpointStore store, CheckpointId id, Dataset dataset, EngineSeams seams, TimeSpan wait, CancellationToken cancellationToken)
    {
        var owner = seams.Owner();
        var started = seams.Time.GetTimestamp();
        while (true)
        {
            var request = new LeaseRequest(id, owner, seams.Time.GetUtcNow(), TimeToLive, seams.HolderIsGone);
            var answer = await AskAsync(store, request, seams, cancellationToken).ConfigureAwait(false);
            if (answer.Fence is { } fence)
            {
                return new DatasetLease(store, id, dataset, seams, owner, fence);
            }

            var left = wait - seams.Time.GetElapsedTime(started);
            if (left <= TimeSpan.Zero)
            {
                throw Held(dataset, owner, answer);
            }

            await seams.WaitAsync(left < AskAgainAfter ? left : AskAgainAfter, cancellationToken).ConfigureAwait(false);
        }
    }

    /// <summary>Renews when it is time; called before each apply and before each attempt to write, the moments at which losing it matters. Callers may come at once: they share one renewal.</summary>
    /// <exception cref="SyncStoreException">Somebody else took it: <see cref="SyncErrorKind.LeaseLost"/>.</exception>
    public ValueTask RenewIfDueAsync()
    {
        lock (_gate)
        {
            if (_renewal is not { IsCompleted: false })
            {
                if (_time.GetElapsedTime(Volatile.Read(ref _renewed)) < RenewAfter)
                {
                    return ValueTask.CompletedTask;
                }

                _renewal = RenewAsync();
            }

            return new ValueTask(_renewal);
        }
    }

    /// <summary>Releases the lease, even when the store fails: this process then knows that it is free, and for others it lapses.</summary>
    public async ValueTask ReleaseAsync()
    {
        try
        {
            await _store.ReleaseLeaseAsync(_id, Fence, CancellationToken.None).ConfigureAwait(false);
        }
        catch (Exception exception)
        {
            _ended(_owner);
            if (exception is not (SyncException or ObjectDisposedException))
            {
                throw;
            }

            // The caller needs the run's own result or failure instead.
        }
    }

    private static async Task<LeaseAnswer> AskAsync(ICheckpointStore store, LeaseRequest request, EngineSeams seams, CancellationToken cancellationToken)
    {
        try
        {
            return await store.AcquireLeaseAsync(request, cancellationToken).ConfigureAwait(false);
        }
        catch
        {
            // It may have been granted before the failure.
            seams.OwnerEnded(request.Owner);
            throw;
        }
    }

    private async Task RenewAsync()
    {
        if (!await _store.RenewLeaseAsync(_id, Fence, _time.GetUtcNow() + TimeToLive, CancellationToken.None).ConfigureAwait(false))
        {
            throw new SyncStoreException(
                SyncErrorKind.LeaseLost,
                $"Another writer took over dataset '{_dataset}' during a long pause. What was committed stays; sync again.",
                _dataset,
                isTransient: true);
        }

        Volatile.Write(ref _renewed, _time.GetTimestamp());
    }

    private static SyncStoreException Held(Dataset dataset, LeaseOwner asker, LeaseAnswer answer)
    {
        var holder = answer.Holder;
        var where = (holder with { Instance = asker.Instance }) == asker
            ? "another engine in this process"
            : $"process {holder.ProcessId} of {(string.Equals(holder.Machine, asker.Machine, StringComparison.Ordinal) ? "this machine" : "another machine or container")}";
        return new SyncStoreException(
            SyncErrorKind.LeaseHeld,
            $"Dataset '{dataset.Name}' is being synced by {where}; its lease lapses at {answer.ExpiresAt:u} unless it is renewed. Wait for it, or set SyncRequest.LeaseWait.",
            dataset.Name,
            isTransient: true);
    }
}
