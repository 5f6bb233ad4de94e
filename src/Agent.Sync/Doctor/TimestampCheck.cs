using Agent.Sync.Postgrest;

namespace Agent.Sync.Doctor;

/// <summary>Looks for rows that a delta in the order of the update timestamp never finds, or finds again and again.</summary>
internal sealed class TimestampCheck(FindingList list, PostgrestSession session, Dataset dataset, int maxDepth)
{
    /// <summary>Later than any clock that is merely a little ahead.</summary>
    private static readonly TimeSpan Future = TimeSpan.FromMinutes(5);

    private readonly Dataset _narrow = dataset.WithTombstones(dataset.Schema, dataset.RemoteTable, remoteColumns: null);

    private readonly string _column = dataset.Columns[dataset.CursorOrdinal].Name;

    private readonly string _name = $"\"{dataset.Schema}\".\"{dataset.RemoteTable}\"";

    public async Task RunAsync(DateTimeOffset? serverTime, CancellationToken cancellationToken)
    {
        if (await IsAnyAsync(LookUrl.EmptyTimestamp(_narrow), cancellationToken).ConfigureAwait(false))
        {
            list.Error(
                FindingCodes.EmptyTimestamps,
                dataset,
                $"Rows have no {_column}.",
                "A delta never finds such a row: only a first sync or a full resync does, and it fails.",
                $"update {_name} set \"{_column}\" = now() where \"{_column}\" is null; alter table {_name} alter column \"{_column}\" set default now(), alter column \"{_column}\" set not null;");
        }
        else
        {
            list.Ok(FindingCodes.EmptyTimestamps, dataset, $"Every row has its {_column}.");
        }

        if (serverTime is not { } now)
        {
            return;
        }

        if (await IsAnyAsync(LookUrl.LaterTimestamp(_narrow, now + Future), cancellationToken).ConfigureAwait(false))
        {
            list.Warning(
                FindingCodes.FutureTimestamps,
                dataset,
                $"Rows have a {_column} in the future.",
                "Every run reads them again until their time has come, and other rows behind more than a page of them come late.",
                $"Find out which clock wrote them: a trigger should set {_column}, and no device. Then: update {_name} set \"{_column}\" = now() where \"{_column}\" > now();");
        }
        else
        {
            list.Ok(FindingCodes.FutureTimestamps, dataset, $"No row has a {_column} in the future.");
        }
    }

    private async Task<bool> IsAnyAsync(ApiCall call, CancellationToken cancellationToken)
    {
        using var answer = await session.CallAsync(call, cancellationToken).ConfigureAwait(false);
        using var page = answer.ToPage(_narrow, maxDepth);
        return page.Count > 0;
    }
}
