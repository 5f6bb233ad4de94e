using Agent.Sync.Kit;
using Agent.Sync.Postgrest;

namespace Agent.Sync.Doctor;

/// <summary>What the user sees of one row on the server.</summary>
/// <param name="Failure">Why the server could not be asked; null when it was.</param>
internal sealed record ServerRow(string? Failure) : IDisposable
{
    /// <summary>Gets the dataset in the shape in which both sides are compared.</summary>
    public required Dataset Shape { get; init; }

    /// <summary>Gets the answer; null where there was none.</summary>
    public Page? Page { get; init; }

    public bool IsThere => Page is { Count: > 0 };

    /// <summary>Gets a value indicating whether the dataset's filter leaves the row out.</summary>
    public bool IsOutsideFilter { get; init; }

    /// <summary>Gets a value indicating whether the SQL kit has a tombstone of the key; null without the kit.</summary>
    public bool? HasTombstone { get; init; }

    /// <summary>Asks the server for one row, with the user's own rights.</summary>
    /// <param name="parts">The engine's parts.</param>
    /// <param name="dataset">The dataset as the app declares it.</param>
    /// <param name="key">The key's texts.</param>
    /// <param name="isExact">Whether the local rows have the SQL kit's versions.</param>
    /// <param name="cancellationToken">Ends the call.</param>
    public static async Task<ServerRow> AskAsync(CheckupParts parts, Dataset dataset, IReadOnlyList<string> key, bool isExact, CancellationToken cancellationToken)
    {
        var shape = isExact ? dataset.WithSequence() : dataset;
        if (parts.Remote is not { } client)
        {
            return new ServerRow("The engine has no connection to a project.") { Shape = shape };
        }

        try
        {
            var session = await client.OpenSessionAsync(new RequestTally(), cancellationToken).ConfigureAwait(false);
            var kit = await ReadKitAsync(parts, session, dataset, cancellationToken).ConfigureAwait(false);
            shape = isExact && kit is not null ? kit.Rows : dataset;
            return await AskAsync(client, session, shape, kit, key, cancellationToken).ConfigureAwait(false);
        }
        catch (SyncException failure)
        {
            return new ServerRow(failure.Message) { Shape = shape };
        }
    }

    public void Dispose() => Page?.Dispose();

    private static async Task<KitDataset?> ReadKitAsync(CheckupParts parts, PostgrestSession session, Dataset dataset, CancellationToken cancellationToken)
    {
        if (parts.Options.SqlKit == SqlKitMode.Ignore)
        {
            return null;
        }

        var found = await new KitClient(SqlKitMode.Detect, parts.Seams.Time).ReadAsync(session, [dataset], cancellationToken).ConfigureAwait(false);
        return found.GetValueOrDefault(dataset);
    }

    private static async Task<ServerRow> AskAsync(
        PostgrestClient client, PostgrestSession session, Dataset shape, KitDataset? kit, IReadOnlyList<string> key, CancellationToken cancellationToken)
    {
        var page = await ReadAsync(shape, isFiltered: false).ConfigureAwait(false);
        if (page.Count == 0)
        {
            return new ServerRow(Failure: null)
            {
                Shape = shape,
                Page = page,
                HasTombstone = kit is null ? null : await IsAnyAsync(kit.Tombstones, isFiltered: false).ConfigureAwait(false),
            };
        }

        return new ServerRow(Failure: null)
        {
            Shape = shape,
            Page = page,
            HasTombstone = kit is null ? null : false,
            IsOutsideFilter = shape.Filters.Count > 0 && !await IsAnyAsync(shape, isFiltered: true).ConfigureAwait(false),
        };

        async Task<Page> ReadAsync(Dataset of, bool isFiltered)
        {
            using var answer = await session.CallAsync(LookUrl.Row(of, key, isFiltered), cancellationToken).ConfigureAwait(false);
            return answer.ToPage(of, client.MaxJsonDepth);
        }

        async Task<bool> IsAnyAsync(Dataset of, bool isFiltered)
        {
            using var found = await ReadAsync(of, isFiltered).ConfigureAwait(false);
            return found.Count > 0;
        }
    }
}
