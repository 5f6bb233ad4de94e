using System.Globalization;

namespace DotnetLoop;

/// <summary>Keyset pages into SQLite: by key until every row is there, then by time of change. Resumable.</summary>
/// <param name="table">The server's table.</param>
/// <param name="local">The local file.</param>
/// <param name="pageSize">Rows per request.</param>
/// <param name="rowsPerCommit">Rows per transaction; zero commits every page.</param>
/// <param name="readsAhead">Whether the next page is asked for while one is written.</param>
internal sealed class PullLoop(Table table, LocalDatabase local, int pageSize, int rowsPerCommit, bool readsAhead)
{
    private const string LowestId = "00000000-0000-0000-0000-000000000000";

    private long _rows;
    private int _uncommitted;

    public async Task<long> RunAsync()
    {
        if (local.State("mark") is null)
        {
            // The delta begins at the newest change that was there before the first page.
            var newest = await table.SelectAsync("select=id,updated_at&order=updated_at.desc&limit=1");
            local.SetState("mark", newest is [var row] ? row.UpdatedAt! : "-infinity");
            local.SetState("markId", LowestId);
            local.SetState("backfill", LowestId);
        }

        if (local.State("backfill") is { Length: > 0 } start)
        {
            await WalkAsync(ByKey(start), static last => ByKey(last.Id), last => local.SetState("backfill", last.Id));
            local.SetState("backfill", string.Empty);
        }

        await WalkAsync(ByTime(local.State("mark")!, local.State("markId")!), static last => ByTime(last.UpdatedAt!, last.Id), last =>
        {
            local.SetState("mark", last.UpdatedAt!);
            local.SetState("markId", last.Id);
        });
        return _rows;
    }

    private static string ByKey(string after) => $"id=gt.{after}&order=id.asc";

    private static string ByTime(string time, string id)
    {
        var value = Uri.EscapeDataString($"\"{time}\"");
        return $"or=(updated_at.gt.{value},and(updated_at.eq.{value},id.gt.{id}))&order=updated_at.asc,id.asc";
    }

    private async Task WalkAsync(string first, Func<Artifact, string> next, Action<Artifact> keep)
    {
        var coming = SelectAsync(first);
        while (await coming is { Count: > 0 } page)
        {
            if (readsAhead)
            {
                coming = SelectAsync(next(page[^1]));
            }

            Apply(page, keep);
            if (!readsAhead)
            {
                coming = SelectAsync(next(page[^1]));
            }
        }

        local.Commit();
        _uncommitted = 0;
    }

    private void Apply(List<Artifact> page, Action<Artifact> keep)
    {
        local.Begin();
        foreach (var row in page)
        {
            local.Upsert(row);
        }

        keep(page[^1]);
        _rows += page.Count;
        _uncommitted += page.Count;
        if (_uncommitted >= rowsPerCommit)
        {
            local.Commit();
            _uncommitted = 0;
        }
    }

    private Task<List<Artifact>> SelectAsync(string condition) =>
        table.SelectAsync(string.Create(CultureInfo.InvariantCulture, $"select={Table.Columns}&{condition}&limit={pageSize}"));
}
