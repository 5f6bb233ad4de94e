using System.Globalization;
using System.Text;

namespace Agent.Sync.Cli.Tests.Discovery;

/// <summary>Tables with random names, keys, columns and rows. Each one but the first refers to the one before, whose name sorts after it.</summary>
internal sealed class RandomTables
{
    public const int Rows = 150;

    // No bytea: the local backend's API does not send it in the text form that PostgREST does.
    private static readonly (string Type, string Value)[] Kinds =
    [
        ("text", "'text ' || n"), ("varchar(40)", "'v' || n"), ("uuid", "gen_random_uuid()"), ("smallint", "n"), ("integer", "n * 1000"), ("bigint", "n * 10000000000"), ("boolean", "n % 2 = 0"),
        ("double precision", "n + 0.5"), ("numeric(20,4)", "n * 1.25"), ("date", "date '2020-01-01' + n"), ("jsonb", "jsonb_build_object('n', n)"), ("integer[]", "array[n, n + 1]"),
        ("timestamptz", "timestamptz '2021-02-03 04:05:06.123456+00' + n * interval '1 hour'"),
    ];

    private readonly Random _random;

    public RandomTables(Random random)
    {
        _random = random;
        var count = random.Next(2, 5);
        Names = [.. Enumerable.Range(0, count).Select(number => $"{(char)('z' - number)}{random.Next(1_000_000)}_things")];
    }

    /// <summary>Gets the names, parents first.</summary>
    public string[] Names { get; }

    public string Create()
    {
        StringBuilder sql = new();
        for (var number = 0; number < Names.Length; number++)
        {
            Create(sql, Names[number], number == 0 ? null : Names[number - 1], $"col_{_random.Next(1000)}_");
        }

        return sql.ToString();
    }

    private void Create(StringBuilder sql, string name, string? parent, string prefix)
    {
        var key = _random.Next(3) switch { 0 => ("uuid", "gen_random_uuid()"), 1 => ("bigint", "n"), _ => ("text", "'key-' || n") };
        var updated = _random.Next(2) == 0 ? "updated_at" : "modified_at";
        var kinds = Enumerable.Range(0, _random.Next(2, 9)).Select(number => (Name: prefix + number, Kind: Kinds[_random.Next(Kinds.Length)], Empty: _random.Next(3))).ToList();
        sql.AppendLine(CultureInfo.InvariantCulture, $"create table public.{name} (code {key.Item1} primary key, n integer not null unique, unknown_one interval, ");
        sql.Append(string.Concat(kinds.Select(static kind => $"{kind.Name} {kind.Kind.Type}, ")));
        sql.AppendLine(parent is null ? "" : $"parent integer references public.{parent} (n), ");
        sql.AppendLine(CultureInfo.InvariantCulture, $"revision bigint not null default 1, {updated} timestamptz not null default now(), deleted_at timestamptz);");
        sql.AppendLine(CultureInfo.InvariantCulture, $"insert into public.{name} (code, n, {string.Concat(kinds.Select(static kind => kind.Name + ", "))}{(parent is null ? "" : "parent, ")}{updated}) select {key.Item2}, n, ");
        sql.Append(string.Concat(kinds.Select(static kind => kind.Empty == 0 ? $"case when n % 7 = 0 then null else {kind.Kind.Value} end, " : $"{kind.Kind.Value}, ")));
        sql.AppendLine(CultureInfo.InvariantCulture, $"{(parent is null ? "" : "n, ")}now() - n * interval '1 minute' from generate_series(1, {Rows}) n;");
        sql.AppendLine(CultureInfo.InvariantCulture, $"grant select on public.{name} to authenticated, service_role;");
    }
}
