using System.Globalization;
using BackendHost;

namespace Agent.Sync.Cli.Demo;

/// <summary>Changes the server's rows, as the same user's other devices would.</summary>
internal sealed class ServerEdits(LocalBackendHost host, Guid owner)
{
    public Task MakeAsync(StoryRows rows, BulkEdits bulk, CancellationToken cancellationToken)
    {
        // From the end of the table: this device edits its beginning.
        var sql = string.Create(CultureInfo.InvariantCulture, $"""
            begin;
            create temp table chosen on commit drop as
                select id, row_number() over (order by id desc) as place from public.artifacts
                where owner_id = '{owner}' and deleted_at is null and id <> '{rows.Contested}'
                order by id desc limit {bulk.Updates + bulk.Deletes};
            update public.artifacts set name = '{rows.TheirName}' where id = '{rows.Contested}';
            update public.artifacts set content = '{rows.TheirName}' where id in (select id from chosen where place <= {bulk.Updates});
            update public.artifacts set deleted_at = now() where id in (select id from chosen where place > {bulk.Updates});
            insert into public.artifacts (owner_id, type, name, size)
                select '{owner}', 'note', 'Made elsewhere ' || i, i from generate_series(1, {bulk.Inserts}) as i;
            commit;
            """);
        return host.SqlAsync(sql, cancellationToken: cancellationToken);
    }
}
