namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>The tables of the exact grade's tests.</summary>
internal static class ExactTables
{
    public static async Task CreateAsync(Backend backend)
    {
        await backend.SqlAsync(
            """
            create table public.notes (
                id bigint primary key, owner_id uuid not null, kind text not null default 'a', label text,
                updated_at timestamptz not null default now());
            create table public.volumes (id bigint primary key, owner_id uuid not null, label text, updated_at timestamptz not null default now());
            create table public.chapters (
                id bigint primary key, volume_id bigint not null references public.volumes (id) on delete cascade,
                owner_id uuid not null, label text, updated_at timestamptz not null default now());
            create table public.switched (id bigint primary key, owner_id uuid not null, label text, updated_at timestamptz not null default now());
            create function public.touch() returns trigger language plpgsql as 'begin new.updated_at := now(); return new; end';
            """);
        foreach (var table in (string[])["notes", "volumes", "chapters", "switched"])
        {
            await backend.SqlAsync(
                $"""
                create trigger touch before update on public.{table} for each row execute function public.touch();
                create index on public.{table} (updated_at, id);
                alter table public.{table} enable row level security;
                create policy {table}_select on public.{table} for select to authenticated using (owner_id = (select auth.uid()));
                grant select on public.{table} to authenticated;
                """);
        }

        await backend.SqlAsync(
            """
            select agent_sync.enable('public.notes', filter_columns => '{kind}');
            select agent_sync.enable('public.volumes');
            select agent_sync.enable('public.chapters');
            """);
    }
}
