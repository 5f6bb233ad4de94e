using System.Globalization;
using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Verify;

/// <summary>Tables with keys of every type and columns of many, whose rows a membership shows: on the backend with the SQL kit and on the one without.</summary>
internal static class VerifyTables
{
    /// <summary>The kinds of key.</summary>
    public static TheoryData<string, bool> Keys { get; } = new(
        from kit in new[] { true, false }
        from key in new[] { "uuid", "int", "text", "pair" }
        select (key, kit));

    public static Dataset Of(string key)
    {
        var builder = Dataset.Define($"verify_{key}");
        builder = key switch
        {
            "uuid" => builder.Key("id", ColumnType.Uuid),
            "int" => builder.Key("id", ColumnType.Integer),
            "text" => builder.Key("id", ColumnType.Text),
            _ => builder.Key("id", ColumnType.Integer).Key("part", ColumnType.Text),
        };
        return builder.Column("label", ColumnType.Text).Column("amount", ColumnType.Numeric).Column("doc", ColumnType.Json).Column("flag", ColumnType.Boolean)
            .Column("seen", ColumnType.Timestamptz).Column("team", ColumnType.Uuid).UpdatedAt("updated_at").Build();
    }

    /// <summary>Makes the tables. The API has to read the schema again.</summary>
    public static async Task CreateAsync(Backend backend, bool kit)
    {
        await backend.SqlAsync("create table public.verify_members (team uuid, member uuid, primary key (team, member)); grant select on public.verify_members to authenticated;");
        foreach (var (key, columns) in new[] { ("uuid", "id uuid primary key"), ("int", "id bigint primary key"), ("text", "id text primary key"), ("pair", "id bigint, part text, primary key (id, part)") })
        {
            await backend.SqlAsync(
                $"""
                create table public.verify_{key} ({columns}, label text, amount numeric, doc jsonb, flag boolean, seen timestamptz, team uuid not null, updated_at timestamptz default now());
                alter table public.verify_{key} enable row level security;
                create policy members on public.verify_{key} for select to authenticated using (exists (select from public.verify_members as m where m.team = verify_{key}.team and m.member = (select auth.uid())));
                grant select on public.verify_{key} to authenticated;
                create index on public.verify_{key} (updated_at);
                """);
            if (kit)
            {
                await backend.SqlAsync($"select agent_sync.enable('public.verify_{key}')");
            }
        }
    }

    /// <summary>Returns the statement that inserts rows of a team, stamped some time ago.</summary>
    public static string Insert(string key, Guid team, int from, int count, string stamp = "now() - interval '1 hour'") => string.Create(
        CultureInfo.InvariantCulture,
        $"insert into public.verify_{key} ({KeyNames(key)}, label, amount, doc, flag, seen, team, updated_at) select {KeyValues(key, team)}, 'row ' || i, i / 4.0, jsonb_build_object('n', i), i % 2 = 0, timestamptz '2026-01-01 00:00:00+00' + i * interval '1 microsecond', '{team}', {stamp} from generate_series({from}, {from + count - 1}) as i;");

    private static string KeyNames(string key) => key == "pair" ? "id, part" : "id";

    // Texts that sort in another way in other collations, and one with what JSON and URLs escape.
    private static string KeyValues(string key, Guid team) => key switch
    {
        "uuid" => $"md5('{team}' || i)::uuid",
        "int" => $"5000000000 + ('x' || substr(md5('{team}'), 1, 7))::bit(28)::bigint * 100000 + i",
        "text" => $"case i % 4 when 0 then 'a' when 1 then 'B' when 2 then 'ä' else 'q\"\\,(' end || i || '{team}'",
        _ => $"('x' || substr(md5('{team}'), 1, 7))::bit(28)::bigint * 100000 + i / 3, 'p' || i % 3",
    };
}
