using Agent.Sync.Kit;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Tests.Fakes;

/// <summary>The kit of one run, whose answers a test may edit.</summary>
internal sealed class EditedKit(KitClient client, Dataset dataset, Func<KitDataset, KitDataset> edit) : KitRun(client, [dataset])
{
    public override async ValueTask<KitDataset?> GetAsync(ICallTransport transport, Dataset of, CancellationToken cancellationToken) =>
        await base.GetAsync(transport, of, cancellationToken) is { } kit ? edit(kit) : null;
}
