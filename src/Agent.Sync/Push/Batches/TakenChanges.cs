using System.Buffers;
using Agent.Sync.Stores;

namespace Agent.Sync.Push.Batches;

/// <summary>Changes taken from the outbox at once, cut into batches as they are needed. Used by one caller at a time.</summary>
internal sealed class TakenChanges
{
    private readonly ChangeBatch _batch;
    private readonly BatchBounds _bounds;
    private readonly PendingChange[] _changes;
    private readonly int[] _groups;
    private readonly int _count;
    private int _next;
    private int _batchesOut;
    private bool _closed;

    public TakenChanges(ChangeBatch batch, BatchBounds bounds, bool isBackwards, Func<PendingChange, PendingChange> prepare)
    {
        _batch = batch;
        _bounds = bounds;
        _changes = ArrayPool<PendingChange>.Shared.Rent(Math.Max(1, batch.Count));
        _groups = ArrayPool<int>.Shared.Rent(Math.Max(1, batch.Count));
        LastId = batch.Count == 0 ? 0 : batch.Changes.Span[^1].Id;
        var withheld = batch.Count;
        foreach (ref readonly var change in batch.Changes.Span)
        {
            _changes[bounds.MaySend(change) ? _count++ : --withheld] = prepare(change);
        }

        Withheld = _changes.AsMemory(withheld, batch.Count - withheld);
        if (isBackwards)
        {
            _changes.AsSpan(0, _count).Reverse();
        }

        NumberGroups();
        if (!bounds.MixesGroups)
        {
            Group(0, _count);
        }
    }

    /// <summary>Gets the changes that cannot be sent yet.</summary>
    public ReadOnlyMemory<PendingChange> Withheld { get; }

    /// <summary>Gets the changes that are in no batch yet.</summary>
    public ReadOnlyMemory<PendingChange> Rest => _changes.AsMemory(_next, _count - _next);

    /// <summary>Gets the number of the last change in queue order.</summary>
    public long LastId { get; }

    /// <summary>Cuts the next batch; null when there are no more changes.</summary>
    public PushBatch? Cut(int maxChanges)
    {
        if (_next == _count)
        {
            return null;
        }

        var end = _bounds.EndOf(_changes.AsSpan(0, _count), _groups, _next, maxChanges);
        if (_bounds.MixesGroups)
        {
            Group(_next, end);
        }

        var cut = new PushBatch(this, _changes.AsMemory(_next, end - _next));
        _next = end;
        _batchesOut++;
        return cut;
    }

    /// <summary>Gives a batch back; after <see cref="Close"/> the last one returns the memory.</summary>
    public void Release()
    {
        _batchesOut--;
        ReleaseMemory();
    }

    /// <summary>Says that no more batches will be cut.</summary>
    public void Close()
    {
        _closed = true;
        ReleaseMemory();
    }

    private void ReleaseMemory()
    {
        if (_closed && _batchesOut == 0)
        {
            _batch.Dispose();
            ArrayPool<PendingChange>.Shared.Return(_changes, clearArray: true);
            ArrayPool<int>.Shared.Return(_groups);
        }
    }

    private void NumberGroups()
    {
        var numbers = new Dictionary<(ChangeKind, IReadOnlyList<string>), int>();
        for (var index = 0; index < _count; index++)
        {
            var change = _changes[index];
            if (!numbers.TryGetValue((change.Kind, change.Columns), out var number))
            {
                number = numbers.Count;
                numbers.Add((change.Kind, change.Columns), number);
            }

            _groups[index] = number;
        }
    }

    /// <summary>Brings the changes of a group together, each group in queue order.</summary>
    private void Group(int start, int end)
    {
        var order = new long[end - start];
        var isGrouped = true;
        for (var index = 0; index < order.Length; index++)
        {
            order[index] = ((long)_groups[start + index] << 32) | (uint)index;
            isGrouped &= index == 0 || order[index] > order[index - 1];
        }

        if (isGrouped)
        {
            return;
        }

        order.AsSpan().Sort(_changes.AsSpan(start, order.Length));
        for (var index = 0; index < order.Length; index++)
        {
            _groups[start + index] = (int)(order[index] >> 32);
        }
    }
}

/// <summary>Changes that are sent and settled together: those of one request, or of several requests with one change each.</summary>
/// <param name="Taken">Whose memory they are in.</param>
/// <param name="Changes">The changes; those of one kind with the same columns stand together.</param>
internal sealed record PushBatch(TakenChanges Taken, ReadOnlyMemory<PendingChange> Changes);
