using System.Text.Json;
using Agent.Sync.Checkpoints;
using Agent.Sync.Stores;

namespace Agent.Sync.Verify;

/// <summary>Keeps how far a verify has come, as a checkpoint of its own.</summary>
internal sealed class VerifyKeeper(ICheckpointStore store, ContentSeal seal, CheckpointId id, Fence fence, TimeProvider time)
{
    // What a crash costs at most, and what a store that flushes to disk is asked for.
    private static readonly TimeSpan SaveAfter = TimeSpan.FromSeconds(3);

    private long _revision;
    private long _saved = time.GetTimestamp();

    private string Context => $"verify {id.Id}";

    /// <summary>Reads what an earlier call left; null where it left nothing that is of use.</summary>
    public async ValueTask<VerifyState?> ReadAsync(CancellationToken cancellationToken)
    {
        var stored = await store.ReadAsync(id, cancellationToken).ConfigureAwait(false);
        _revision = stored?.Revision ?? 0;
        if (stored is null || seal.Open(Context, stored.Content, out var payload) != SealCheck.Genuine)
        {
            return null;
        }

        try
        {
            return VerifyStateJson.Read(payload.Span);
        }
        catch (JsonException)
        {
            return null;
        }
    }

    /// <summary>Saves now and then.</summary>
    public ValueTask SaveIfDueAsync(VerifyState state) => time.GetElapsedTime(_saved) >= SaveAfter ? SaveAsync(state) : ValueTask.CompletedTask;

    public async ValueTask SaveAsync(VerifyState state)
    {
        await store.WriteAsync(new CheckpointWrite(id, seal.Seal(Context, VerifyStateJson.Write(state)), _revision, fence), CancellationToken.None).ConfigureAwait(false);
        _revision++;
        _saved = time.GetTimestamp();
    }
}
