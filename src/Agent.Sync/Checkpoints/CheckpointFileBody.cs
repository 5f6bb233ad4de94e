using System.Buffers.Binary;
using System.Text;
using Agent.Sync.Stores;

namespace Agent.Sync.Checkpoints;

/// <summary>Writes and reads what stands inside the envelope. It is only read after the MAC was found right.</summary>
internal static class CheckpointFileBody
{
    private const int LeaseFixed = 8 + 1 + 8 + 4 + 8 + 16;

    public static byte[] Write(long revision, ReadOnlySpan<byte> content)
    {
        var body = new byte[sizeof(long) + content.Length];
        BinaryPrimitives.WriteInt64LittleEndian(body, revision);
        content.CopyTo(body.AsSpan(sizeof(long)));
        return body;
    }

    public static StoredCheckpoint ReadCheckpoint(ReadOnlyMemory<byte> body)
    {
        if (body.Length < sizeof(long))
        {
            throw CheckpointFailure.Refused("its file is too short");
        }

        return new StoredCheckpoint(BinaryPrimitives.ReadInt64LittleEndian(body.Span), body[sizeof(long)..]);
    }

    public static byte[] Write(LeaseBook lease)
    {
        var machine = Encoding.UTF8.GetBytes(lease.Holder?.Machine ?? string.Empty);
        var body = new byte[LeaseFixed + machine.Length];
        var rest = body.AsSpan();
        BinaryPrimitives.WriteInt64LittleEndian(rest, lease.LastFence);
        rest[8] = lease.Holder is null ? (byte)0 : (byte)1;
        BinaryPrimitives.WriteInt64LittleEndian(rest[9..], lease.ExpiresAt.UtcTicks);
        if (lease.Holder is { } holder)
        {
            BinaryPrimitives.WriteInt32LittleEndian(rest[17..], holder.ProcessId);
            BinaryPrimitives.WriteInt64LittleEndian(rest[21..], holder.ProcessStarted);
            holder.Instance.TryWriteBytes(rest[29..]);
            machine.CopyTo(rest[LeaseFixed..]);
        }

        return body;
    }

    public static LeaseBook ReadLease(ReadOnlySpan<byte> body)
    {
        if (body.Length < LeaseFixed)
        {
            throw CheckpointFailure.Refused("its lease file is too short");
        }

        var expires = new DateTimeOffset(BinaryPrimitives.ReadInt64LittleEndian(body[9..]), TimeSpan.Zero);
        var holder = body[8] == 0
            ? null
            : new LeaseOwner(
                Encoding.UTF8.GetString(body[LeaseFixed..]),
                BinaryPrimitives.ReadInt32LittleEndian(body[17..]),
                BinaryPrimitives.ReadInt64LittleEndian(body[21..]),
                new Guid(body.Slice(29, 16)));
        return new LeaseBook(BinaryPrimitives.ReadInt64LittleEndian(body), holder, expires);
    }
}
