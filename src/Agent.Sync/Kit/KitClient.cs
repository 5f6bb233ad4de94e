using System.Collections.Concurrent;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Kit;

/// <summary>One engine's view of the SQL kit: asks for the horizon, and remembers where there is no kit. Safe for concurrent use.</summary>
internal sealed class KitClient(SqlKitMode use, TimeProvider time)
{
    private static readonly TimeSpan MissingFor = TimeSpan.FromHours(1);

    private readonly ConcurrentDictionary<Dataset, Missing> _missing = new();
    private readonly ConcurrentDictionary<Dataset, Sequenced> _sequenced = new();

    /// <summary>Asks once for all datasets. Where none of them has the kit as far as is known, nothing is sent.</summary>
    /// <returns>What the kit says of those that have it.</returns>
    /// <exception cref="SyncSchemaException">The kit is required and missing, of another version, or on a replica.</exception>
    /// <exception cref="SyncException">The call failed otherwise, such as for a missing GRANT.</exception>
    public async Task<IReadOnlyDictionary<Dataset, KitDataset>> ReadAsync(
        ICallTransport transport, IReadOnlyList<Dataset> datasets, CancellationToken cancellationToken)
    {
        var asked = datasets.Where(IsWorthAsking).ToList();
        var found = new Dictionary<Dataset, KitDataset>();
        if (asked.Count == 0)
        {
            return found;
        }

        var reading = await CallAsync(transport, asked, cancellationToken).ConfigureAwait(false);
        foreach (var dataset in asked)
        {
            if (reading?.Tables.GetValueOrDefault(HorizonCall.NameOf(dataset)) is { } table)
            {
                found.Add(dataset, Describe(dataset, table, reading.Horizon));
                _missing.TryRemove(dataset, out _);
            }
            else if (use == SqlKitMode.Require)
            {
                throw KitFailure.Missing(dataset);
            }
            else
            {
                _missing[dataset] = new Missing(time.GetUtcNow() + MissingFor);
            }
        }

        return found;
    }

    private static async Task<KitReading?> CallAsync(ICallTransport transport, IReadOnlyList<Dataset> datasets, CancellationToken cancellationToken)
    {
        try
        {
            using var answer = await transport.CallAsync(HorizonCall.Horizon(datasets), cancellationToken).ConfigureAwait(false);
            return answer.IsMissing ? null : KitAnswerReader.Read(answer.Body);
        }
        catch (SyncException exception) when (exception.Code is "25006" or "0A000")
        {
            throw KitFailure.Replica(exception.Code);
        }
    }

    private static SyncSchemaException? FailureOf(Dataset dataset, KitTable table) => table switch
    {
        { NeedsRestamp: true } => KitFailure.NeedsRestamp(dataset),
        { Key: { } key } when !key.SequenceEqual(KeyOf(dataset), StringComparer.Ordinal) => KitFailure.OtherKey(dataset, key, [.. KeyOf(dataset)]),
        { Problem: { } problem } => KitFailure.Problem(dataset, problem),
        _ => null,
    };

    private static IEnumerable<string> KeyOf(Dataset dataset) => dataset.KeyOrdinals.Select(ordinal => dataset.Columns[ordinal].Name);

    private bool IsWorthAsking(Dataset dataset) => use switch
    {
        SqlKitMode.Ignore => false,
        SqlKitMode.Require => true,
        _ => !_missing.TryGetValue(dataset, out var missing) || time.GetUtcNow() >= missing.Until,
    };

    private KitDataset Describe(Dataset dataset, KitTable table, Horizon horizon)
    {
        var columns = table.Columns is null ? null : string.Join(',', table.Columns);
        if (!_sequenced.TryGetValue(dataset, out var made) || made.Table != table.Tombstones || made.Columns != columns)
        {
            // Made once: the transport keeps what it needs per dataset by the object.
            var rows = dataset.WithSequence();
            made = new Sequenced(table.Tombstones, columns, rows, rows.WithTombstones(HorizonCall.Schema, table.Tombstones, table.Columns));
            _sequenced[dataset] = made;
        }

        return new KitDataset(dataset, made.Rows, made.Tombstones, table, horizon) { Failure = FailureOf(dataset, table) };
    }

    /// <summary>That a dataset had no kit when it was asked for.</summary>
    private sealed record Missing(DateTimeOffset Until);

    /// <summary>A dataset and its tombstones in the order of the sequence, and what of the kit's answer they were made from.</summary>
    private sealed record Sequenced(string Table, string? Columns, Dataset Rows, Dataset Tombstones);
}
