using System.Buffers;

namespace Agent.Sync.Stores;

/// <summary>Gathers the changes of one <see cref="TakeRequest"/> into a <see cref="ChangeBatch"/>. It sets no bound itself: the request has the bounds. Not safe for concurrent use.</summary>
public sealed class ChangeBatchBuilder : IDisposable
{
    private const int FirstChanges = 64;
    private const int FirstBytes = 16 * 1024;

    private readonly List<(int Key, int Version, int Row, int End)> _ends = [];
    private PendingChange[] _changes = ArrayPool<PendingChange>.Shared.Rent(FirstChanges);
    private byte[] _bytes = ArrayPool<byte>.Shared.Rent(FirstBytes);
    private int _length;

    /// <summary>Gets the changes added so far.</summary>
    public int Count => _ends.Count;

    /// <summary>Gets the bytes of their JSON so far.</summary>
    public int Bytes => _length;

    /// <summary>Adds a change; the bytes are copied.</summary>
    /// <param name="id">Its number in the outbox.</param>
    /// <param name="operationId">Its operation id.</param>
    /// <param name="kind">What the change does.</param>
    /// <param name="columns">The columns of <paramref name="row"/>; pass the same list object for the same columns.</param>
    /// <param name="key">The key as a JSON object.</param>
    /// <param name="baseVersion">The base's version as text; empty for an insert.</param>
    /// <param name="row">The values as a JSON object; empty for a delete.</param>
    public void Add(
        long id,
        Guid operationId,
        ChangeKind kind,
        IReadOnlyList<string> columns,
        ReadOnlySpan<byte> key,
        ReadOnlySpan<byte> baseVersion,
        ReadOnlySpan<byte> row)
    {
        ObjectDisposedException.ThrowIf(_changes.Length == 0, this);
        ArgumentNullException.ThrowIfNull(columns);
        if (Count == _changes.Length)
        {
            Grow(ArrayPool<PendingChange>.Shared, ref _changes, Count, Count * 2);
        }

        var start = _length;
        Append(key);
        var version = _length;
        Append(baseVersion);
        var values = _length;
        Append(row);
        _changes[Count] = new PendingChange(id, operationId, kind, columns, default, default, default);
        _ends.Add((start, version, values, _length));
    }

    /// <summary>Hands the changes over. The builder cannot be used afterwards.</summary>
    /// <returns>The batch; the caller disposes it.</returns>
    public ChangeBatch Build()
    {
        ObjectDisposedException.ThrowIf(_changes.Length == 0, this);
        var (changes, bytes) = (_changes, _bytes);
        for (var i = 0; i < Count; i++)
        {
            var (key, version, row, end) = _ends[i];
            changes[i] = changes[i] with
            {
                Key = bytes.AsMemory(key, version - key),
                BaseVersion = bytes.AsMemory(version, row - version),
                Row = bytes.AsMemory(row, end - row),
            };
        }

        (_changes, _bytes) = ([], []);
        return new ChangeBatch(changes, Count, bytes);
    }

    /// <summary>Returns the memory to the pool unless <see cref="Build"/> handed it over.</summary>
    public void Dispose()
    {
        if (_changes.Length == 0)
        {
            return;
        }

        ArrayPool<PendingChange>.Shared.Return(_changes, clearArray: true);
        ArrayPool<byte>.Shared.Return(_bytes);
        (_changes, _bytes) = ([], []);
    }

    private static void Grow<T>(ArrayPool<T> pool, ref T[] array, int used, int length)
    {
        var larger = pool.Rent(length);
        array.AsSpan(0, used).CopyTo(larger);
        pool.Return(array, clearArray: true);
        array = larger;
    }

    private void Append(ReadOnlySpan<byte> bytes)
    {
        if (_length + bytes.Length > _bytes.Length)
        {
            Grow(ArrayPool<byte>.Shared, ref _bytes, _length, Math.Max(_bytes.Length * 2, _length + bytes.Length));
        }

        bytes.CopyTo(_bytes.AsSpan(_length));
        _length += bytes.Length;
    }
}
