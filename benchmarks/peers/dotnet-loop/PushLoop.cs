namespace DotnetLoop;

/// <summary>Local edits up: new rows in bulk, updates and deletes one by one, so that each is checked by its version.</summary>
internal static class PushLoop
{
    private const int RowsPerRequest = 500;
    private const int RequestsInFlight = 4;

    public static async Task<long> RunAsync(Table table, LocalDatabase local)
    {
        long count = 0;
        foreach (var batch in local.Edited("removed = 0 AND version IS NULL").Chunk(RowsPerRequest))
        {
            var rows = await table.InsertAsync([.. batch]);
            local.Sent(rows);
            count += rows.Count;
        }

        count += await EachAsync(local.Edited("removed = 0 AND version IS NOT NULL"), table.UpdateAsync, local.Sent);
        return count + await EachAsync(local.Edited("removed = 1"), table.DeleteAsync, local.Removed);
    }

    private static async Task<long> EachAsync(List<Artifact> rows, Func<Artifact, Task<List<Artifact>>> send, Action<List<Artifact>> settle)
    {
        long count = 0;
        Lock settling = new();
        await Parallel.ForEachAsync(rows, new ParallelOptions { MaxDegreeOfParallelism = RequestsInFlight }, async (row, _) =>
        {
            var answer = await send(row);
            lock (settling)
            {
                settle(answer);
                count += answer.Count;
            }
        });
        return count;
    }
}
