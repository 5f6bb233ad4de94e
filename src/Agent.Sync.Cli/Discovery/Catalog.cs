using Npgsql;

namespace Agent.Sync.Cli.Discovery;

/// <summary>What PostgreSQL's catalog says, read in one transaction that cannot write.</summary>
/// <param name="Tables">The tables of the schemas that were asked about.</param>
/// <param name="HasKit">Whether the SQL kit is installed.</param>
internal sealed record Catalog(IReadOnlyList<CatalogTable> Tables, bool HasKit)
{
    /// <summary>Gets what the source cannot tell of any table.</summary>
    public IReadOnlyList<string> Unknown { get; init; } = [];

    private const string AllTables = """
        select c.oid::bigint, c.relname::text, c.relrowsecurity,
            (select count(*) from pg_policy p where p.polrelid = c.oid and p.polcmd in ('r', '*')),
            case when to_regrole('authenticated') is null then null else has_table_privilege('authenticated', c.oid, 'select') end
        from pg_class c join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relkind in ('r', 'p') and not c.relispartition
            and not exists (select from pg_depend d where d.objid = c.oid and d.classid = 'pg_class'::regclass and d.deptype = 'e')
        order by c.relname
        """;

    private const string Columns = """
        select c.oid::bigint, a.attname::text, format_type(a.atttypid, a.atttypmod), b.typname::text, b.typtype::text, b.typcategory::text, a.attnotnull,
            a.attgenerated <> '' or a.attidentity = 'a'
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            join pg_type t on t.oid = a.atttypid join pg_type b on b.oid = case when t.typtype = 'd' then t.typbasetype else t.oid end
        where n.nspname = $1 and c.relkind in ('r', 'p') and a.attnum > 0 and not a.attisdropped
        order by c.oid, a.attnum
        """;

    private const string Indexes = """
        select i.indrelid::bigint, i.indisunique, i.indisprimary,
            array(select a.attname::text from unnest(i.indkey::int2[]) with ordinality k(attnum, place)
                join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where k.place <= i.indnkeyatts order by k.place)
        from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and i.indisvalid and i.indpred is null and i.indexprs is null
        order by i.indrelid, i.indisprimary desc, i.indexrelid
        """;

    private const string Parents = """
        select f.conrelid::bigint, p.relname::text
        from pg_constraint f join pg_class p on p.oid = f.confrelid join pg_class c on c.oid = f.conrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and p.relnamespace = n.oid and f.contype = 'f' and f.confrelid <> f.conrelid
        """;

    // 1 row, 2 before, 16 update. The kit's triggers stamp a column of their own.
    private const string Stamps = """
        select t.tgrelid::bigint, p.prosrc || ' ' || encode(t.tgargs, 'escape')
        from pg_trigger t join pg_proc p on p.oid = t.tgfoid join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and not t.tgisinternal and t.tgenabled in ('O', 'A') and t.tgtype & 19 = 19 and t.tgname not like '~agent\_sync\_%'
        """;

    private const string Kits = """
        select distinct t.tgrelid::bigint
        from pg_trigger t join pg_class c on c.oid = t.tgrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and not t.tgisinternal and t.tgname like '~agent\_sync\_%'
        """;

    private const string KitIsInstalled = "select to_regproc('agent_sync.enable') is not null";

    public static Task<Catalog> ReadAsync(string address, IReadOnlyCollection<string> schemas, CancellationToken cancellationToken)
    {
        return ReadOnlyDatabase.ReadAsync(
            address,
            async (connection, transaction) =>
            {
                List<CatalogTable> tables = [];
                foreach (var schema in schemas)
                {
                    tables.AddRange(await ReadAsync(connection, transaction, schema, cancellationToken));
                }

                await using var kit = new NpgsqlCommand(KitIsInstalled, connection, transaction);
                return new Catalog(tables, (bool)(await kit.ExecuteScalarAsync(cancellationToken))!);
            },
            cancellationToken);
    }

    private static async Task<IReadOnlyList<CatalogTable>> ReadAsync(NpgsqlConnection connection, NpgsqlTransaction transaction, string schema, CancellationToken cancellationToken)
    {
        var columns = await Ask(Columns, static row => (Table: row.GetInt64(0), Column: new CatalogColumn(
            row.GetString(1), row.GetString(2), DatabaseTypes.Find(row.GetString(3), row.GetString(4), row.GetString(5)), row.GetBoolean(6), row.GetBoolean(7))));
        var indexes = await Ask(Indexes, static row => (Table: row.GetInt64(0), IsUnique: row.GetBoolean(1), Columns: row.GetFieldValue<string[]>(3)));
        var parents = await Ask(Parents, static row => (Table: row.GetInt64(0), Name: row.GetString(1)));
        var stamps = await Ask(Stamps, static row => (Table: row.GetInt64(0), Text: row.GetString(1)));
        var kits = await Ask(Kits, static row => row.GetInt64(0));
        var tables = await Ask(AllTables, static row => (
            Id: row.GetInt64(0), Name: row.GetString(1), HasRowSecurity: row.GetBoolean(2), Policies: row.GetInt64(3), IsReadable: row.IsDBNull(4) ? default(bool?) : row.GetBoolean(4)));
        return
        [
            .. tables.Select(table =>
            {
                CatalogColumn[] own = [.. columns.Where(column => column.Table == table.Id).Select(static column => column.Column)];
                var neverNull = own.Where(static column => column.IsNotNull).Select(static column => column.Name).ToHashSet(StringComparer.Ordinal);
                var ofTable = indexes.Where(index => index.Table == table.Id && index.Columns.Length > 0).ToArray();
                return new CatalogTable(
                    schema,
                    table.Name,
                    own,
                    [.. ofTable.Where(index => index.IsUnique && index.Columns.All(neverNull.Contains)).Select(static index => index.Columns)],
                    [.. ofTable.Select(static index => index.Columns)],
                    [.. parents.Where(parent => parent.Table == table.Id).Select(static parent => parent.Name).Distinct(StringComparer.Ordinal)],
                    [.. stamps.Where(stamp => stamp.Table == table.Id).Select(static stamp => stamp.Text)],
                    table.HasRowSecurity,
                    table.Policies,
                    table.IsReadable,
                    kits.Contains(table.Id));
            }),
        ];

        async Task<List<T>> Ask<T>(string sql, Func<NpgsqlDataReader, T> read)
        {
            await using var command = new NpgsqlCommand(sql, connection, transaction) { Parameters = { new NpgsqlParameter<string> { TypedValue = schema } } };
            await using var reader = await command.ExecuteReaderAsync(cancellationToken);
            List<T> rows = [];
            while (await reader.ReadAsync(cancellationToken))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
    }
}
