using Agent.Sync.ShapeTests.Oracles;
using Agent.Sync.ShapeTests.Shapes;

namespace Agent.Sync.ShapeTests.Servers;

/// <summary>A shape's tables and rows as PostgreSQL's SQL.</summary>
internal static class Sql
{
    public const string Audit = "shape_audit";

    /// <summary>What every shape's tables share: the record of who changed what.</summary>
    public const string Foundation =
        $$"""
        create schema {{Audit}};
        create table {{Audit}}.entries (seq bigserial primary key, table_name text not null, device int not null, old_row json, new_row json);
        create function {{Audit}}.record() returns trigger language plpgsql security definer set search_path = '' as $body$
        begin
            insert into {{Audit}}.entries (table_name, device, old_row, new_row) values (
                tg_table_name,
                coalesce((nullif(current_setting('request.jwt.claims', true), '')::json ->> 'device')::int, 0),
                case when tg_op <> 'INSERT' then to_json(old) end,
                case when tg_op <> 'DELETE' then to_json(new) end);
            return null;
        end $body$;
        """;

    public static string Quote(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    public static string Name(ShapeTable table) => $"public.{Quote(table.Name)}";

    public static string Literal(ShapeColumn column, string? value) =>
        value is null ? "null" : $"'{value.Replace("'", "''", StringComparison.Ordinal)}'::{column.Kind.SqlType}";

    public static string Create(Shape shape) => string.Concat(shape.Tables.Select(table => Create(table, shape.Kit)));

    public static string Write(RowWrite write, Guid owner)
    {
        var table = write.Table;
        if (write.Key is null)
        {
            var columns = write.Values!.Keys.Select(table.Find).ToList();
            return $"insert into {Name(table)} ({string.Join(", ", columns.Select(static column => Quote(column.Name)))}, owner_id) overriding system value values ({string.Join(", ", columns.Select(column => Literal(column, write.Values[column.Name])))}, '{owner}');\n";
        }

        var where = string.Join(" and ", write.Key.Select(pair => $"{Quote(pair.Key)} = {Literal(table.Find(pair.Key), pair.Value)}"));
        return write.Values is null
            ? $"delete from {Name(table)} where {where};\n"
            : $"update {Name(table)} set {string.Join(", ", write.Values.Select(pair => $"{Quote(pair.Key)} = {Literal(table.Find(pair.Key), pair.Value)}"))} where {where};\n";
    }

    private static string Create(ShapeTable table, bool kit)
    {
        var name = Name(table);
        var columns = table.Columns.Select(column => Column(table, column)).Append("owner_id uuid not null default auth.uid()");
        var trigger = Quote(table.Name + "_write");
        return
            $"""
            create table {name} ({string.Join(", ", columns)}, primary key ({string.Join(", ", table.Keys.Select(static column => Quote(column.Name)))}));
            create function public.{trigger}() returns trigger language plpgsql set search_path = '' as $body$
            begin
                {Body(table)}return new;
            end $body$;
            create trigger a_write before insert or update on {name} for each row execute function public.{trigger}();
            create trigger b_audit after insert or update or delete on {name} for each row execute function {Audit}.record();
            alter table {name} enable row level security;
            create policy own on {name} to authenticated using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
            revoke all on {name} from public, anon, authenticated;
            grant select, insert, update, delete on {name} to authenticated;
            {(kit ? $"select agent_sync.enable('{name.Replace("'", "''", StringComparison.Ordinal)}');" : string.Empty)}

            """;
    }

    private static string Body(ShapeTable table)
    {
        var body = table.MovesCursor
            ? $"new.{Quote(table.Cursor.Name)} := now();\n    "
            : $"if tg_op = 'INSERT' then new.{Quote(table.Cursor.Name)} := now(); end if;\n    ";
        if (table.Version is { } version)
        {
            var quoted = Quote(version.Name);
            body += $"if tg_op = 'INSERT' then new.{quoted} := 1; else new.{quoted} := old.{quoted} + 1; end if;\n    ";
        }

        foreach (var column in table.Columns.Where(static column => column.RefusedWith is not null and not "23514"))
        {
            body += column.RefusedWith == "42883"
                ? $"if new.{Quote(column.Name)} = '{ShapeColumn.Poison}' then perform public.a_function_that_is_not_there(); end if;\n    "
                : $"if new.{Quote(column.Name)} = '{ShapeColumn.Poison}' then raise exception 'refused' using errcode = '{column.RefusedWith}'; end if;\n    ";
        }

        return body;
    }

    private static string Column(ShapeTable table, ShapeColumn column)
    {
        var text = $"{Quote(column.Name)} {column.Kind.SqlType}";
        switch (column.Role)
        {
            case ColumnRole.Key:
                return text + (table.IsIdentity ? " not null generated by default as identity" : " not null");
            case ColumnRole.Cursor:
                return text + " not null default now()";
            case ColumnRole.Version:
                return text + " not null default 1";
            case ColumnRole.Generated:
                var source = table.Columns.First(static other => other is { Role: ColumnRole.Plain, Type: ColumnType.Text });
                return text + $" generated always as (upper({Quote(source.Name)}::text)) stored";
            case ColumnRole.Reference:
                text += $" references {Name(table.Target!)} ({Quote(table.Target!.Keys[0].Name)})";
                break;
            default:
                break;
        }

        return text + (column.IsRequired ? " not null" : "") + (column.IsUnique ? " unique" : "")
            + (column.ServerDefault is null ? "" : $" default {Literal(column, column.ServerDefault)}")
            + (column.RefusedWith == "23514" ? $" check ({Quote(column.Name)} <> '{ShapeColumn.Poison}')" : "");
    }
}
