using Agent.Sync.Cli.Discovery;
using Npgsql;

namespace Agent.Sync.Cli.Diagnosing;

/// <summary>What a diagnosis reads from the catalog of one table, beside what init reads of all.</summary>
/// <param name="Kind">pg_class's kind, such as r for a table or v for a view; null when there is no such relation.</param>
/// <param name="Privileges">Which of usage, select, insert, update and delete the role authenticated has; null where there is no such role.</param>
/// <param name="CountedColumns">The columns that the server counts, and whether it refuses any other number.</param>
/// <param name="Policies">The policies that hold for signed-in users.</param>
/// <param name="UniqueColumns">The columns of every whole unique index.</param>
/// <param name="KitProblems">What agent_sync.check() says.</param>
internal sealed record TableFacts(
    string? Kind,
    IReadOnlySet<string>? Privileges,
    IReadOnlyDictionary<string, bool> CountedColumns,
    IReadOnlyList<TablePolicy> Policies,
    IReadOnlyList<string[]> UniqueColumns,
    IReadOnlyList<string> KitProblems)
{
    private const string Kinds = "select c.relkind::text from pg_class c join pg_namespace n on n.oid = c.relnamespace where n.nspname = $1 and c.relname = $2";

    // A grant on any column is enough for the columns that a dataset sends.
    private const string Rights = """
        select p from pg_class c join pg_namespace n on n.oid = c.relnamespace, unnest(array['usage', 'select', 'insert', 'update', 'delete']) p
        where n.nspname = $1 and c.relname = $2 and case p
            when 'usage' then has_schema_privilege('authenticated', n.oid, 'usage')
            when 'delete' then has_table_privilege('authenticated', c.oid, 'delete')
            else has_any_column_privilege('authenticated', c.oid, p) end
        """;

    private const string Counted = """
        select a.attname::text, a.attidentity = 'a'
        from pg_attribute a join pg_class c on c.oid = a.attrelid join pg_namespace n on n.oid = c.relnamespace
            left join pg_attrdef d on d.adrelid = a.attrelid and d.adnum = a.attnum
        where n.nspname = $1 and c.relname = $2 and a.attnum > 0 and not a.attisdropped
            and (a.attidentity <> '' or pg_get_expr(d.adbin, d.adrelid) like 'nextval(%')
        """;

    private const string PoliciesOfUsers = """
        select p.polname::text, p.polcmd::text, coalesce(pg_get_expr(p.polqual, p.polrelid), ''), p.polpermissive
        from pg_policy p join pg_class c on c.oid = p.polrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and (p.polroles = '{0}' or to_regrole('authenticated')::oid = any (p.polroles))
        """;

    private const string Unique = """
        select array(select a.attname::text from unnest(i.indkey::int2[]) with ordinality k(attnum, place)
            join pg_attribute a on a.attrelid = i.indrelid and a.attnum = k.attnum where k.place <= i.indnkeyatts order by k.place)
        from pg_index i join pg_class c on c.oid = i.indrelid join pg_namespace n on n.oid = c.relnamespace
        where n.nspname = $1 and c.relname = $2 and i.indisunique and i.indisvalid and i.indpred is null and i.indexprs is null
        """;

    private const string KitCheck = "select problem from agent_sync.check(to_regclass(format('%I.%I', $1, $2)))";

    /// <summary>Whether a policy lets signed-in users do something: r, a, w or d for select, insert, update and delete.</summary>
    public bool Lets(string command) => Policies.Any(policy => policy.IsPermissive && (policy.Command == command || policy.Command == "*"));

    /// <summary>Reads the facts of some datasets' tables.</summary>
    public static Task<IReadOnlyDictionary<Dataset, TableFacts>> ReadAsync(string address, IReadOnlyList<Dataset> datasets, bool hasKit, CancellationToken cancellationToken) => ReadOnlyDatabase.ReadAsync<IReadOnlyDictionary<Dataset, TableFacts>>(
        address,
        async (connection, transaction) =>
        {
            Dictionary<Dataset, TableFacts> facts = [];
            foreach (var dataset in datasets)
            {
                facts.Add(dataset, await ReadAsync(new Reader(connection, transaction, dataset, cancellationToken), hasKit));
            }

            return facts;
        },
        cancellationToken);

    private static async Task<TableFacts> ReadAsync(Reader reader, bool hasKit)
    {
        var hasRole = (await reader.AskAsync("select to_regrole('authenticated') is not null where $1 <> $2 or true", static row => row.GetBoolean(0)))[0];
        return new TableFacts(
            (await reader.AskAsync(Kinds, static row => row.GetString(0))).FirstOrDefault(),
            hasRole ? (await reader.AskAsync(Rights, static row => row.GetString(0))).ToHashSet(StringComparer.Ordinal) : null,
            (await reader.AskAsync(Counted, static row => (Name: row.GetString(0), IsAlways: row.GetBoolean(1)))).ToDictionary(static column => column.Name, static column => column.IsAlways, StringComparer.Ordinal),
            await reader.AskAsync(PoliciesOfUsers, static row => new TablePolicy(row.GetString(0), row.GetString(1), row.GetString(2), row.GetBoolean(3))),
            await reader.AskAsync(Unique, static row => row.GetFieldValue<string[]>(0)),
            hasKit ? await reader.AskAsync(KitCheck, static row => row.GetString(0)) : []);
    }

    /// <summary>Asks about one table.</summary>
    private sealed record Reader(NpgsqlConnection Connection, NpgsqlTransaction Transaction, Dataset Dataset, CancellationToken Cancelled)
    {
        public async Task<List<T>> AskAsync<T>(string sql, Func<NpgsqlDataReader, T> read)
        {
            await using var command = new NpgsqlCommand(sql, Connection, Transaction)
            {
                Parameters = { new NpgsqlParameter<string> { TypedValue = Dataset.Schema }, new NpgsqlParameter<string> { TypedValue = Dataset.RemoteTable } },
            };
            await using var reader = await command.ExecuteReaderAsync(Cancelled);
            List<T> rows = [];
            while (await reader.ReadAsync(Cancelled))
            {
                rows.Add(read(reader));
            }

            return rows;
        }
    }
}

/// <summary>A policy of row-level security.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Command">What it is for: r, a, w, d, or * for all.</param>
/// <param name="Using">The condition on rows that are there; may be empty.</param>
/// <param name="IsPermissive">Whether it lets rows through, and does not only restrict.</param>
internal sealed record TablePolicy(string Name, string Command, string Using, bool IsPermissive);
