using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Agent.Sync.Cli.Discovery;

namespace Agent.Sync.Cli.Migrations;

/// <summary>Writes a migration that gives tables what they lack. It may run again, and leaves alone what is there already under whatever name.</summary>
internal static class MigrationSql
{
    private const int MaxNameLength = 63;

    /// <param name="tables">Parents first.</param>
    /// <param name="source">Where it comes from, as part of a sentence.</param>
    /// <param name="notes">What the reader has to know, one line each.</param>
    public static string Write(IReadOnlyList<TableNeeds> tables, string source, IEnumerable<string> notes)
    {
        StringBuilder sql = new();
        Line(sql, $"-- Written by agent-sync sql from {source}. It may run again: what is there already stays as it is.");
        foreach (var note in notes)
        {
            Line(sql, $"-- {note}");
        }

        foreach (var (schema, column, isVersion) in Functions(tables))
        {
            WriteFunction(sql, schema, column, isVersion);
        }

        foreach (var table in tables.Where(static table => !table.IsEmpty || table.Left.Count > 0))
        {
            WriteTable(sql, table);
        }

        return sql.ToString();
    }

    private static IEnumerable<(string Schema, string Column, bool IsVersion)> Functions(IReadOnlyList<TableNeeds> tables) =>
        tables.Where(static table => table.Kinds.Contains(LackKind.Stamp)).Select(static table => (table.Dataset.Schema, table.UpdatedAt, false))
            .Concat(tables.Where(static table => table.Kinds.Contains(LackKind.Version)).Select(static table => (table.Dataset.Schema, table.Version!, true)))
            .Distinct();

    private static void WriteFunction(StringBuilder sql, string schema, string column, bool isVersion)
    {
        var name = Name(column);
        Line(sql);
        Line(sql, $"create or replace function {Function(schema, column, isVersion)} returns trigger language plpgsql set search_path = '' as {Quoted(isVersion
            ? $"""

            begin
                new.{name} := case tg_op when 'INSERT' then 1 else old.{name} + 1 end;
                return new;
            end

            """
            : $"""

            begin
                new.{name} := now();
                return new;
            end

            """)};");
        Line(sql, $"revoke all on function {Function(schema, column, isVersion)} from public;");
    }

    private static void WriteTable(StringBuilder sql, TableNeeds table)
    {
        var name = $"{Name(table.Dataset.Schema)}.{Name(table.Dataset.RemoteTable)}";
        Line(sql);
        Line(sql, $"-- {table.Dataset.Schema}.{table.Dataset.RemoteTable}");
        foreach (var left in table.Left)
        {
            Line(sql, $"-- Not done here: {left}.");
        }

        if (table.NeedsKit)
        {
            var filters = table.Dataset.Filters.Select(static filter => filter.Column).Distinct(StringComparer.Ordinal).ToArray();
            var filterColumns = filters.Length == 0 ? "" : $", filter_columns => {Texts(filters)}";
            Line(sql, $"select agent_sync.enable({Text(name)}, key => {Texts(table.Key)}{filterColumns});");
        }

        if (table.Kinds.Count > 0)
        {
            StringBuilder body = new("\nbegin\n");
            WriteStamps(body, table, name);
            WriteNotNull(body, table, name);
            WriteIndex(body, table, name);
            Line(sql, $"do {Quoted(body.Append("end\n").ToString())};");
        }
    }

    private static void WriteStamps(StringBuilder sql, TableNeeds table, string name)
    {
        foreach (var (kind, column) in new[] { (LackKind.Stamp, table.UpdatedAt), (LackKind.Version, table.Version ?? "") }.Where(part => table.Kinds.Contains(part.Item1)))
        {
            // The look of the catalog's reader: a trigger before updates whose function names the column.
            Line(sql, $"""
                    if not exists (select from pg_trigger t join pg_proc p on p.oid = t.tgfoid where t.tgrelid = {Text(name)}::regclass and not t.tgisinternal
                        and t.tgenabled in ('O', 'A') and t.tgtype & 19 = 19 and t.tgname not like '~agent\_sync\_%'
                        and position(lower({Text(column)}) in lower(p.prosrc || ' ' || encode(t.tgargs, 'escape'))) > 0) then
                        create trigger {Name(Shortened($"agent_sync_{Verb(kind == LackKind.Version)}_{column}"))} before insert or update on {name}
                            for each row execute function {Function(table.Dataset.Schema, column, kind == LackKind.Version)};
                    end if;
                """);
        }
    }

    private static void WriteNotNull(StringBuilder sql, TableNeeds table, string name)
    {
        if (table.Kinds.Contains(LackKind.Null))
        {
            var column = $"attrelid = {Text(name)}::regclass and attname = {Text(table.UpdatedAt)}";
            Line(sql, $"""
                    if exists (select from pg_attribute where {column} and not attnotnull) then
                        if exists (select from pg_attribute where {column} and not atthasdef) then
                            alter table {name} alter column {Name(table.UpdatedAt)} set default now();
                        end if;
                        update {name} set {Name(table.UpdatedAt)} = now() where {Name(table.UpdatedAt)} is null;
                        alter table {name} alter column {Name(table.UpdatedAt)} set not null;
                    end if;
                """);
        }
    }

    private static void WriteIndex(StringBuilder sql, TableNeeds table, string name)
    {
        if (table.Kinds.Contains(LackKind.Index))
        {
            string[] columns = [table.UpdatedAt, .. table.Key];
            Line(sql, $"""
                    if not exists (select from pg_index i where i.indrelid = {Text(name)}::regclass and i.indisvalid and i.indpred is null and i.indexprs is null
                        and array(select a.attname::text from unnest(i.indkey::int2[]) with ordinality k (attnum, place)
                            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum
                            where k.place <= least({columns.Length}, i.indnkeyatts) order by k.place) = {Texts(columns)}) then
                        create index on {name} ({string.Join(", ", columns.Select(Name))});
                    end if;
                """);
        }
    }

    private static string Function(string schema, string column, bool isVersion) => $"{Name(schema)}.{Name(Shortened($"agent_sync_{Verb(isVersion)}_{column}"))}()";

    private static string Verb(bool isVersion) => isVersion ? "raise" : "stamp";

    /// <summary>PostgreSQL would cut a longer name, and two columns could meet in one function.</summary>
    private static string Shortened(string name) => name.Length <= MaxNameLength
        ? name
        : $"{name[..(MaxNameLength - 9)]}_{Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(name)))[..8]}";

    private static string Name(string name) => $"\"{name.Replace("\"", "\"\"", StringComparison.Ordinal)}\"";

    private static string Text(string text) => $"'{text.Replace("'", "''", StringComparison.Ordinal)}'";

    private static string Texts(IEnumerable<string> texts) => $"array[{string.Join(", ", texts.Select(Text))}]";

    /// <summary>In dollar quotes that the text does not hold: names may have dollars.</summary>
    private static string Quoted(string text)
    {
        var quote = "$sql$";
        while (text.Contains(quote, StringComparison.Ordinal))
        {
            quote = quote.Insert(1, "_");
        }

        return quote + text + quote;
    }

    private static void Line(StringBuilder sql, FormattableString line) => sql.Append(line.ToString(CultureInfo.InvariantCulture).ReplaceLineEndings("\n")).Append('\n');

    private static void Line(StringBuilder sql) => sql.Append('\n');
}
