-- A table of its own, because Dotmim.Sync adds triggers and a tracking table. It has no column of JSON.
create table public.artifacts_dotmim (
    id uuid primary key default gen_random_uuid(),
    type text not null,
    name text not null,
    content text,
    metadata text not null,
    version bigint,
    owner_id uuid,
    updated_at timestamptz,
    deleted_at timestamptz
);
create trigger stamp_row before insert or update on public.artifacts_dotmim for each row execute function public.stamp_row();
begin;
set local session_replication_role = replica;
insert into public.artifacts_dotmim select id, type, name, content, metadata, version, owner_id, updated_at, deleted_at from public.artifacts;
commit;
