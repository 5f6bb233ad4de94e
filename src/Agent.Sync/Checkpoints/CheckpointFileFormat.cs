using System.Buffers.Binary;
using System.Security.Cryptography;
using Agent.Sync.Stores;

namespace Agent.Sync.Checkpoints;

/// <summary>The envelope of every file of the store: a header that names kind and version, a body, and a MAC over both.</summary>
/// <remarks>
/// <code>
/// 0   magic 'ASYN', kind (1 byte), 0, version (2 bytes, little-endian)
/// 8   header tag: the first 8 bytes of a MAC over the header
/// 16  checkpoint id (16 bytes)
/// 32  body
/// end MAC over everything before (32 bytes)
/// </code>
/// The header has a tag of its own so that a newer version, whose body this code cannot read, is told from a flipped
/// version number. Every later version keeps the first 16 bytes as they are.
/// </remarks>
internal static class CheckpointFileFormat
{
    public const byte CheckpointKind = 1;
    public const byte LeaseKind = 2;
    public const int KeyLength = 32;
    public const int Overhead = BodyStart + MacLength;

    private const ushort Version = 1;
    private const int TagStart = 8;
    private const int SlotStart = 16;
    private const int BodyStart = 32;
    private const int MacLength = HMACSHA256.HashSizeInBytes;

    private static ReadOnlySpan<byte> Magic => "ASYN"u8;

    public static byte[] Seal(byte kind, CheckpointId checkpoint, ReadOnlySpan<byte> body, ReadOnlySpan<byte> key, ushort version = Version)
    {
        var file = new byte[Overhead + body.Length];
        Magic.CopyTo(file);
        file[4] = kind;
        BinaryPrimitives.WriteUInt16LittleEndian(file.AsSpan(6), version);
        TagOf(file, key).CopyTo(file, TagStart);
        Convert.FromHexString(checkpoint.Id).CopyTo(file, SlotStart);
        body.CopyTo(file.AsSpan(BodyStart));
        MacOf(file, key).CopyTo(file, file.Length - MacLength);
        return file;
    }

    /// <exception cref="SyncStoreException">The file is not what a complete write of this store left for this checkpoint.</exception>
    public static ReadOnlyMemory<byte> Open(byte kind, CheckpointId checkpoint, byte[] file, ReadOnlySpan<byte> key)
    {
        if (file.Length < SlotStart
            || !file.AsSpan().StartsWith(Magic)
            || file[4] != kind
            || file[5] != 0
            || !CryptographicOperations.FixedTimeEquals(TagOf(file, key), file.AsSpan(TagStart, SlotStart - TagStart)))
        {
            throw CheckpointFailure.Refused("its file is damaged, or was written with another key");
        }

        if (BinaryPrimitives.ReadUInt16LittleEndian(file.AsSpan(6)) > Version)
        {
            throw CheckpointFailure.TooNew();
        }

        if (file.Length < Overhead || !CryptographicOperations.FixedTimeEquals(MacOf(file, key), file.AsSpan(file.Length - MacLength)))
        {
            throw CheckpointFailure.Refused("its file is torn or was changed");
        }

        if (!file.AsSpan(SlotStart, BodyStart - SlotStart).SequenceEqual(Convert.FromHexString(checkpoint.Id)))
        {
            throw CheckpointFailure.Refused("its file belongs to another dataset");
        }

        return file.AsMemory(BodyStart, file.Length - Overhead);
    }

    private static byte[] TagOf(ReadOnlySpan<byte> file, ReadOnlySpan<byte> key) =>
        Mac(key, "header"u8, file[..TagStart]).AsSpan(0, SlotStart - TagStart).ToArray();

    private static byte[] MacOf(ReadOnlySpan<byte> file, ReadOnlySpan<byte> key) =>
        Mac(key, "whole"u8, file[..^MacLength]);

    // The engine seals with the same key: a purpose in front keeps the two kinds of seals apart.
    private static byte[] Mac(ReadOnlySpan<byte> key, ReadOnlySpan<byte> purpose, ReadOnlySpan<byte> data)
    {
        using var mac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        mac.AppendData("Agent.Sync file store\0"u8);
        mac.AppendData(purpose);
        mac.AppendData("\0"u8);
        mac.AppendData(data);
        return mac.GetHashAndReset();
    }
}
