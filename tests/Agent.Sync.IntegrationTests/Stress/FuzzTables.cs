using Agent.Sync.IntegrationTests.Backends;

namespace Agent.Sync.IntegrationTests.Stress;

/// <summary>Two tables of the same shape, one of them partitioned, that refer to a third; and their datasets.</summary>
internal static class FuzzTables
{
    public const string Plain = "fuzz_plain";
    public const string Partitioned = "fuzz_parted";

    public static Dataset[] Datasets { get; } =
    [
        Dataset.Define("fuzz_parents").Key("id", ColumnType.Uuid).Column("owner_id", ColumnType.Uuid).Column("label", ColumnType.Text).UpdatedAt("updated_at").Build(),
        Define(Plain),
        Define(Partitioned),
    ];

    public static async Task CreateAsync(Backend backend)
    {
        const string Columns = "id uuid not null default gen_random_uuid(), kind text not null, parent_id uuid references public.fuzz_parents on delete cascade, "
            + "owner_id uuid not null, label text, updated_at timestamptz not null default now(), primary key (id, kind)";
        await backend.SqlAsync(
            $"""
            create table public.fuzz_parents (id uuid primary key default gen_random_uuid(), owner_id uuid not null, label text, updated_at timestamptz not null default now());
            create table public.{Plain} ({Columns});
            create table public.{Partitioned} ({Columns}) partition by list (kind);
            create table public.{Partitioned}_a partition of public.{Partitioned} for values in ('a');
            create table public.{Partitioned}_b partition of public.{Partitioned} for values in ('b');
            create table public.{Partitioned}_rest partition of public.{Partitioned} default;
            """);
        foreach (var dataset in Datasets)
        {
            await backend.SqlAsync(
                $"""
                create index on public.{dataset.RemoteTable} (owner_id, updated_at);
                alter table public.{dataset.RemoteTable} enable row level security;
                create policy own on public.{dataset.RemoteTable} for select to authenticated using (owner_id = (select auth.uid()));
                grant select on public.{dataset.RemoteTable} to authenticated;
                select agent_sync.enable('public.{dataset.RemoteTable}');
                """);
        }

        await backend.Host.RestartAsync();
    }

    private static Dataset Define(string table) => Dataset.Define(table)
        .Key("id", ColumnType.Uuid)
        .Key("kind", ColumnType.Text)
        .Column("parent_id", ColumnType.Uuid)
        .Column("owner_id", ColumnType.Uuid)
        .Column("label", ColumnType.Text)
        .UpdatedAt("updated_at")
        .Build();
}
