using System.Buffers.Binary;

namespace Agent.Sync.Verify;

/// <summary>The count and the hash of the rows in each bucket of keys. The order in which rows are added does not matter.</summary>
internal sealed class BucketTable
{
    /// <summary>How many buckets there are: few enough that their sums fit into a checkpoint, many enough that a single row is found by reading few.</summary>
    public const int Count = 2048;

    private const int BytesOfBucket = sizeof(int) + sizeof(ulong);

    private readonly long[] _rows = new long[Count];
    private readonly ulong[] _hashes = new ulong[Count];

    public static BucketTable Read(ReadOnlySpan<byte> bytes)
    {
        var table = new BucketTable();
        for (var bucket = 0; bucket < Count && bytes.Length == Count * BytesOfBucket; bucket++)
        {
            var at = bytes[(bucket * BytesOfBucket)..];
            table.Add(bucket, BinaryPrimitives.ReadInt32LittleEndian(at), BinaryPrimitives.ReadUInt64LittleEndian(at[sizeof(int)..]));
        }

        return table;
    }

    public long RowsIn(int bucket) => _rows[bucket];

    public ulong HashOf(int bucket) => _hashes[bucket];

    public void Add(int bucket, ulong hash) => Add(bucket, 1, hash);

    public void Add(int bucket, long rows, ulong hash)
    {
        _rows[bucket] += rows;
        _hashes[bucket] ^= hash;
    }

    /// <summary>Takes a row that was added out again.</summary>
    public void Remove(int bucket, ulong hash) => Add(bucket, -1, hash);

    public bool Differs(BucketTable other, int bucket) => _rows[bucket] != other._rows[bucket] || _hashes[bucket] != other._hashes[bucket];

    public byte[] ToBytes()
    {
        var bytes = new byte[Count * BytesOfBucket];
        for (var bucket = 0; bucket < Count; bucket++)
        {
            var at = bytes.AsSpan(bucket * BytesOfBucket);
            BinaryPrimitives.WriteInt32LittleEndian(at, (int)_rows[bucket]);
            BinaryPrimitives.WriteUInt64LittleEndian(at[sizeof(int)..], _hashes[bucket]);
        }

        return bytes;
    }
}
