using System.Text.Json;
using Agent.Sync.Stores;

namespace Agent.Sync.Checkpoints;

/// <summary>Turns a checkpoint's state into sealed bytes and back. Bound to its id, so one dataset's cannot pass for another's.</summary>
internal static class CheckpointCodec
{
    public static byte[] Write(ContentSeal seal, CheckpointId id, CheckpointState state) =>
        seal.Seal(Context(id), CheckpointJson.Write(state));

    /// <exception cref="SyncProtocolException">The content is damaged, from another id or key, or from a newer version.</exception>
    public static CheckpointState Read(ContentSeal seal, CheckpointId id, string dataset, ReadOnlyMemory<byte> content)
    {
        switch (seal.Open(Context(id), content, out var payload))
        {
            case SealCheck.Genuine:
                break;
            case SealCheck.NewerVersion:
                throw SyncProtocolException.CheckpointTooNew(dataset);
            case SealCheck.UnknownKey:
                throw SyncProtocolException.CheckpointRefused(dataset, "it is sealed with a key that is not configured");
            default:
                throw SyncProtocolException.CheckpointRefused(dataset, "it is damaged or was changed");
        }

        try
        {
            return CheckpointJson.Read(payload.Span);
        }
        catch (JsonException)
        {
            // Genuine but unreadable: written by a later version of the same format.
            throw SyncProtocolException.CheckpointTooNew(dataset);
        }
    }

    private static string Context(CheckpointId id) => $"checkpoint {id.Id}";
}
