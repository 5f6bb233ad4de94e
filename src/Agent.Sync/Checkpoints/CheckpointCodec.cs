using System.Text.Json;
using Agent.Sync.Stores;

namespace Agent.Sync.Checkpoints;

/// <summary>Turns a checkpoint's state into sealed bytes and back. Bound to its slot, so one dataset's cannot pass for another's.</summary>
internal static class CheckpointCodec
{
    public static byte[] Write(ContentSeal seal, CheckpointId slot, CheckpointState state) =>
        seal.Seal(Context(slot), JsonSerializer.SerializeToUtf8Bytes(state, CheckpointJsonContext.Default.CheckpointState));

    /// <exception cref="SyncProtocolException">The content is damaged, from another slot or key, or from a newer version.</exception>
    public static CheckpointState Read(ContentSeal seal, CheckpointId slot, string dataset, ReadOnlyMemory<byte> content)
    {
        switch (seal.Open(Context(slot), content, out var payload))
        {
            case SealVerdict.Genuine:
                break;
            case SealVerdict.NewerVersion:
                throw SyncProtocolException.CheckpointTooNew(dataset);
            case SealVerdict.UnknownKey:
                throw SyncProtocolException.CheckpointRefused(dataset, "it is sealed with a key that is not configured");
            default:
                throw SyncProtocolException.CheckpointRefused(dataset, "it is damaged or was changed");
        }

        try
        {
            return JsonSerializer.Deserialize(payload.Span, CheckpointJsonContext.Default.CheckpointState)
                ?? throw SyncProtocolException.CheckpointRefused(dataset, "it is empty");
        }
        catch (JsonException)
        {
            // Genuine but unreadable: written by a later version of the same format.
            throw SyncProtocolException.CheckpointTooNew(dataset);
        }
    }

    private static string Context(CheckpointId slot) => $"checkpoint {slot.Id}";
}
