using Agent.Sync.Checkpoints;

namespace Agent.Sync.Tests.Fakes;

internal static class States
{
    public static Guid StoreId { get; } = new("11111111-2222-3333-4444-555555555555");

    public static ScopeStamp Scope { get; } = ScopeStamp.For(Items.Dataset, new Uri("https://project.example"), "user", "authenticated");

    public static CheckpointState Backfill() => new()
    {
        Scope = Scope,
        Columns = Items.Dataset.Columns,
        StoreId = StoreId,
        Phase = SyncPhase.Backfill,
        Ranges = [KeyRange.Everything],
    };

    public static CheckpointState Delta(string settled) => Backfill() with
    {
        Phase = SyncPhase.Delta,
        Mark = settled,
        Ranges = [],
        SafePosition = CursorPosition.AtOrAfter(settled),
    };
}
