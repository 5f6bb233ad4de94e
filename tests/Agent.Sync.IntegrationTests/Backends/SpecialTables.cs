namespace Agent.Sync.IntegrationTests.Backends;

/// <summary>Tables that are unlike the sample's. Made once, because the API reads the schema when it starts.</summary>
internal static class SpecialTables
{
    /// <summary>The collation that sorts 'a' before 'B', unlike bytes.</summary>
    public const string OtherCollation = "en-x-icu";

    public static async Task CreateAsync(Backend backend)
    {
        var collation = backend.HasSessions ? OtherCollation : "C";
        await backend.SqlAsync(
            $"""
            create table public.words (
                code text collate "{collation}" not null, owner_id uuid not null, note text,
                updated_at timestamptz not null default now(), primary key (owner_id, code));
            create table public.words_c (
                code text collate "C" not null, owner_id uuid not null, note text,
                updated_at timestamptz not null default now(), primary key (owner_id, code));
            create table public.undated (
                id bigint not null, owner_id uuid not null, updated_at timestamptz null, primary key (owner_id, id));
            create table public.gaps (
                id bigint not null, owner_id uuid not null, updated_at timestamptz not null default now(), primary key (owner_id, id));
            create table public.parts (
                tenant text not null, seq integer not null, code uuid not null default gen_random_uuid(), owner_id uuid not null, note text,
                updated_at timestamptz not null default now(), primary key (owner_id, tenant, seq, code));
            create table public.extremes (
                id uuid primary key default gen_random_uuid(), owner_id uuid not null, big bigint, amount numeric, ratio double precision,
                label text, doc jsonb, seen timestamptz, local_time timestamp, day date, hour time, flag boolean, raw bytea,
                updated_at timestamptz not null default now());
            create table public.locked (
                id uuid primary key, owner_id uuid not null, updated_at timestamptz not null default now());
            create table public.shared_notes (
                id uuid primary key default gen_random_uuid(), owner_id uuid not null, note text,
                updated_at timestamptz not null default now());
            create table public.members (user_id uuid primary key);
            """);
        foreach (var table in (string[])["words", "words_c", "undated", "gaps", "parts", "extremes", "locked"])
        {
            await backend.SqlAsync(
                $"""
                alter table public.{table} enable row level security;
                create policy {table}_select on public.{table} for select to authenticated using (owner_id = (select auth.uid()));
                """);
        }

        // What this policy shows changes without any row changing.
        await backend.SqlAsync(
            """
            create function public.is_member() returns boolean language sql stable security definer set search_path = ''
                as $$ select exists (select 1 from public.members where user_id = auth.uid()) $$;
            alter table public.shared_notes enable row level security;
            create policy shared_notes_select on public.shared_notes for select to authenticated
                using (owner_id = (select auth.uid()) and (select public.is_member()));
            revoke all on public.locked, public.members from public, anon, authenticated;
            grant select on public.words, public.words_c, public.undated, public.gaps, public.parts, public.extremes, public.shared_notes
                to authenticated;
            """);
        await backend.Host.RestartAsync();
    }
}
