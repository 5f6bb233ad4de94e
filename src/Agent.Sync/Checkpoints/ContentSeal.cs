using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Agent.Sync.Checkpoints;

/// <summary>Seals checkpoints and cursor tokens: version, key id, HMAC-SHA256, payload. Verified before anything is parsed.</summary>
internal sealed class ContentSeal
{
    private const byte Version = 1;
    private const byte StoreKeyId = 0;
    private const int HeaderLength = 2;
    private const int PayloadStart = HeaderLength + HMACSHA256.HashSizeInBytes;

    private readonly Dictionary<byte, byte[]> _keys = [];
    private readonly byte _sealingKey;

    public ContentSeal(IList<SealingKey> keys, ReadOnlyMemory<byte> storeKey)
    {
        _keys[StoreKeyId] = storeKey.ToArray();
        foreach (var key in keys)
        {
            _keys[key.Id] = key.Secret;
        }

        _sealingKey = keys.Count > 0 ? keys[0].Id : StoreKeyId;
    }

    /// <param name="context">What the content is for; content sealed for one context is refused in another.</param>
    /// <param name="payload">The content.</param>
    public byte[] Seal(string context, ReadOnlySpan<byte> payload)
    {
        var content = new byte[PayloadStart + payload.Length];
        content[0] = Version;
        content[1] = _sealingKey;
        payload.CopyTo(content.AsSpan(PayloadStart));
        Authenticate(_keys[_sealingKey], context, content, content.AsSpan(HeaderLength, HMACSHA256.HashSizeInBytes));
        return content;
    }

    public SealCheck Open(string context, ReadOnlyMemory<byte> content, out ReadOnlyMemory<byte> payload)
    {
        payload = default;
        var bytes = content.Span;
        if (bytes.Length < PayloadStart || bytes[0] == 0)
        {
            return SealCheck.Malformed;
        }

        if (bytes[0] > Version)
        {
            return SealCheck.NewerVersion;
        }

        if (!_keys.TryGetValue(bytes[1], out var key))
        {
            return SealCheck.UnknownKey;
        }

        Span<byte> expected = stackalloc byte[HMACSHA256.HashSizeInBytes];
        Authenticate(key, context, bytes, expected);
        if (!CryptographicOperations.FixedTimeEquals(expected, bytes.Slice(HeaderLength, HMACSHA256.HashSizeInBytes)))
        {
            return SealCheck.Forged;
        }

        payload = content[PayloadStart..];
        return SealCheck.Genuine;
    }

    private static void Authenticate(byte[] key, string context, ReadOnlySpan<byte> content, Span<byte> destination)
    {
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.SHA256, key);
        var contextBytes = Encoding.UTF8.GetBytes(context);
        Span<byte> length = stackalloc byte[sizeof(int)];
        BinaryPrimitives.WriteInt32LittleEndian(length, contextBytes.Length);
        hmac.AppendData(length);
        hmac.AppendData(contextBytes);
        hmac.AppendData(content[..HeaderLength]);
        hmac.AppendData(content[PayloadStart..]);
        hmac.GetHashAndReset(destination);
    }
}

internal enum SealCheck
{
    Genuine,

    /// <summary>Too short to be anything.</summary>
    Malformed,

    /// <summary>Sealed by a version of this library that is newer than this one.</summary>
    NewerVersion,

    /// <summary>Sealed with a key that is not configured.</summary>
    UnknownKey,

    /// <summary>Changed, or sealed for something else.</summary>
    Forged,
}
