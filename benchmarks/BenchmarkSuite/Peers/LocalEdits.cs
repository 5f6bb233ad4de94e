using System.Globalization;

namespace BenchmarkSuite.Peers;

/// <summary>The app's edits, as statements on a peer's SQLite file.</summary>
/// <param name="Marks">The columns, and their value 1, by which an edit is marked; empty where triggers do that.</param>
/// <param name="Deletes">Whether a row is really deleted; else it is marked as removed.</param>
internal sealed record LocalEdits(string Marks, bool Deletes)
{
    public static LocalEdits ByTriggers { get; } = new(string.Empty, Deletes: true);

    public static LocalEdits ByColumn { get; } = new("dirty", Deletes: false);

    public string Text(string table, EditKind kind, int count)
    {
        var isMarked = Marks.Length > 0;
        var mark = isMarked ? $", {Marks} = 1" : string.Empty;
        var some = string.Create(CultureInfo.InvariantCulture, $"where rowid in (select rowid from {table} where name like '{Server.NewRows}%' limit {count})");
        return kind switch
        {
            EditKind.Insert => Insert(table, count, isMarked),
            EditKind.Update => $"update {table} set name = name || ' changed'{mark} {some}",
            _ when Deletes => $"delete from {table} {some}",
            _ => $"update {table} set removed = 1{mark} {some}",
        };
    }

    private string Insert(string table, int count, bool isMarked) => string.Create(
        CultureInfo.InvariantCulture,
        $$"""
        with recursive n(i) as (select 1 union all select i + 1 from n where i < {{count}})
        insert into {{table}} (id, type, name, content, metadata{{(isMarked ? ", " + Marks : string.Empty)}})
        select {{(isMarked ? "lower" : "upper")}}(substr(h, 1, 8) || '-' || substr(h, 9, 4) || '-4' || substr(h, 14, 3) || '-8' || substr(h, 18, 3) || '-' || substr(h, 21, 12)),
            'report', '{{Server.NewRows}}' || h, substr(replace(hex(zeroblob(500)), '0', 'words '), 1, 1000), '{"tags":["a","b"],"note":"plain"}'{{(isMarked ? ", 1" : string.Empty)}}
        from (select i, hex(randomblob(16)) as h from n)
        """);
}
