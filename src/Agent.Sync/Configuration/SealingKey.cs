namespace Agent.Sync;

/// <summary>A key that signs cursors and checkpoints with HMAC-SHA256. It is never printed.</summary>
public sealed class SealingKey
{
    /// <summary>Initializes a new instance.</summary>
    /// <param name="id">The key's number, stored with everything it signs, so that keys can be rotated. 0 is reserved for the store's own key.</param>
    /// <param name="secret">At least 32 bytes, kept secret.</param>
    /// <exception cref="ArgumentOutOfRangeException">The id is 0.</exception>
    /// <exception cref="ArgumentException">The secret is too short.</exception>
    public SealingKey(byte id, ReadOnlySpan<byte> secret)
    {
        ArgumentOutOfRangeException.ThrowIfZero(id);
        if (secret.Length < 32)
        {
            throw new ArgumentException("A sealing key has at least 32 bytes.", nameof(secret));
        }

        Id = id;
        Secret = secret.ToArray();
    }

    /// <summary>Gets the key's number, 1 to 255.</summary>
    public byte Id { get; }

    internal byte[] Secret { get; }

    /// <summary>Returns the key's number only.</summary>
    /// <returns>The number.</returns>
    public override string ToString() => $"SealingKey {Id}";
}
