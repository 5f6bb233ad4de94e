using System.Globalization;
using Agent.Sync.ShapeTests.Histories;
using Agent.Sync.ShapeTests.Servers;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Dressing;

/// <summary>Triggers that the app puts on its table: on the row itself, another row, another table.</summary>
internal static class AppTriggers
{
    /// <summary>What a trigger writes into whichever row is the last one.</summary>
    public const string Touched = "touched";

    private static readonly string[] Events = ["insert", "update", "delete"];

    public static IReadOnlyList<LocalStatement> Create(ShapeTable table, ShapeDevice device, IReadOnlyCollection<string> present, Random random)
    {
        var texts = table.Columns.Where(column =>
            column is { Role: ColumnRole.Plain, Type: ColumnType.Text, IsUnique: false } && device.Declares(column) && present.Contains(column.LocalName, StringComparer.OrdinalIgnoreCase)).ToList();
        var kind = random.Next(texts.Count == 0 ? 1 : 4);
        var happens = kind is 1 ? Events[random.Next(2)] : Events[random.Next(Events.Length)];
        var when = kind is 0 && random.Next(2) == 0 ? "before" : "after";
        // Before and after the names of the store's triggers: SQLite promises no order, and has one.
        var name = string.Create(CultureInfo.InvariantCulture, $"{(random.Next(2) == 0 ? "a" : "zz")}_{table.Name}_{random.Next(1_000)}");
        var head = $"create trigger {name} {when} {happens} on \"{table.Name}\" begin";
        if (kind == 0)
        {
            return
            [
                new LocalStatement("create table if not exists app_log (happened text, at integer)"),
                new LocalStatement($"{head} insert into app_log values ('{happens}', 1); end"),
            ];
        }

        var target = texts[random.Next(texts.Count)];
        var source = texts[random.Next(texts.Count)];
        device.Dressed.Add((table.Name, target.Name));
        var quoted = Sql.Quote(target.LocalName);
        var own = string.Join(" and ", table.Keys.Select(static key => $"{Sql.Quote(key.LocalName)} is new.{Sql.Quote(key.LocalName)}"));
        return kind switch
        {
            1 => [new LocalStatement($"{head} update \"{table.Name}\" set {quoted} = lower(new.{Sql.Quote(source.LocalName)}) where {own}; end")],
            2 when !device.WithoutRowid.Contains(table.Name) => [new LocalStatement($"{head} update \"{table.Name}\" set {quoted} = '{Touched}' where rowid = (select max(rowid) from \"{table.Name}\"); end")],
            _ => [new LocalStatement($"create trigger {name} after update of {Sql.Quote(source.LocalName)} on \"{table.Name}\" when new.{Sql.Quote(source.LocalName)} is not old.{Sql.Quote(source.LocalName)} begin update \"{table.Name}\" set {quoted} = coalesce(new.{Sql.Quote(source.LocalName)}, '') || '!' where {own}; end")],
        };
    }
}
