using Agent.Sync.Postgrest;

namespace Agent.Sync.Kit;

/// <summary>What the kit said in one run, asked for all of its datasets at once.</summary>
internal sealed class KitRun(KitClient client, IReadOnlyList<Dataset> datasets)
{
    private IReadOnlyDictionary<Dataset, KitDataset>? _found;

    /// <summary>Returns what the kit says of a dataset, asking at first use; null where it has no kit.</summary>
    /// <exception cref="SyncSchemaException">Of this dataset the kit says that it misses changes or has to be restamped. Others can be synced.</exception>
    public async ValueTask<KitDataset?> GetAsync(ICallTransport transport, Dataset dataset, CancellationToken cancellationToken)
    {
        _found ??= await client.ReadAsync(transport, datasets, cancellationToken).ConfigureAwait(false);
        var found = _found.GetValueOrDefault(dataset);
        return found?.Failure is { } failure ? throw failure : found;
    }

    /// <summary>Asks again, for the time has moved on: after a long backfill.</summary>
    public ValueTask<KitDataset?> RefreshAsync(ICallTransport transport, Dataset dataset, CancellationToken cancellationToken)
    {
        Forget();
        return GetAsync(transport, dataset, cancellationToken);
    }

    /// <summary>Makes the next question go to the server: after a push, whose own rows are to be seen.</summary>
    public void Forget() => _found = null;
}
