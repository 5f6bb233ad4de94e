namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>Tables that apps write, with what may refuse a row: constraints, a trigger of the app's, policies.</summary>
internal static class PushTables
{
    /// <summary>What the app's trigger refuses in <c>note</c>.</summary>
    public const string RefusedNote = "refused";

    private static readonly string[] Tables = ["push_items", "push_lines", "push_nodes", "push_values", "push_read_only"];

    public static async Task CreateAsync(Backend backend)
    {
        const string Server = "owner_id uuid not null default auth.uid(), version bigint not null default 1, updated_at timestamptz not null default now()";
        await backend.SqlAsync(
            $"""
            create table public.push_items (
                id uuid primary key default gen_random_uuid(), name text unique, label varchar(10), note text, size bigint check (size >= 0), {Server});
            create table public.push_lines (
                id uuid primary key default gen_random_uuid(), item_id uuid not null references public.push_items (id), note text, {Server});
            create table public.push_nodes (
                id uuid primary key default gen_random_uuid(), parent_id uuid references public.push_nodes (id) deferrable initially deferred, note text,
                {Server});
            create table public.push_values (
                id uuid primary key default gen_random_uuid(), big bigint, amount numeric, ratio double precision, label text, doc jsonb, seen timestamptz,
                local_time timestamp, day date, hour time, flag boolean, {Server});
            create table public.push_read_only (id uuid primary key default gen_random_uuid(), note text, {Server});
            create function public.push_write() returns trigger language plpgsql set search_path = '' as $$
            begin
                new.updated_at := now();
                new.version := case tg_op when 'INSERT' then 1 else old.version + 1 end;
                if tg_table_name = 'push_items' then
                    if new.note like '{RefusedNote}%' then
                        raise exception 'The note % is not allowed', new.note using detail = 'Note: ' || new.note, hint = new.note;
                    end if;
                    new.note := btrim(new.note);
                end if;
                return new;
            end $$;
            """);
        foreach (var table in Tables)
        {
            await backend.SqlAsync(
                $"""
                create trigger push_write before insert or update on public.{table} for each row execute function public.push_write();
                alter table public.{table} enable row level security;
                create policy own_select on public.{table} for select to authenticated using (owner_id = (select auth.uid()));
                create policy own_insert on public.{table} for insert to authenticated with check (owner_id = (select auth.uid()));
                create policy own_update on public.{table} for update to authenticated
                    using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
                create policy own_delete on public.{table} for delete to authenticated using (owner_id = (select auth.uid()));
                revoke all on public.{table} from public, anon, authenticated;
                grant select, insert, update, delete on public.{table} to authenticated;
                """);
        }

        await backend.SqlAsync("revoke insert, update, delete on public.push_read_only from authenticated");
    }

    public static async Task EnableKitAsync(Backend backend)
    {
        foreach (var table in Tables)
        {
            await backend.SqlAsync($"select agent_sync.enable('public.{table}')");
        }
    }
}
