-- What the RxDB plugin needs of a table: a time of change that the server sets, a mark instead of a delete, and no column of JSON.
create table public.artifacts_rxdb (
    id uuid primary key default gen_random_uuid(),
    type text not null,
    name text not null,
    content text,
    metadata text not null default '{}',
    version bigint not null default 1,
    owner_id uuid not null default auth.uid(),
    updated_at timestamptz not null default now(),
    _deleted boolean not null default false
);
create index on public.artifacts_rxdb (updated_at, id);
create index on public.artifacts_rxdb (owner_id, id);
create trigger stamp_row before insert or update on public.artifacts_rxdb for each row execute function public.stamp_row();
alter table public.artifacts_rxdb enable row level security;
create policy own_rows on public.artifacts_rxdb to authenticated using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
grant select, insert, update, delete on public.artifacts_rxdb to authenticated;
begin;
set local session_replication_role = replica;
insert into public.artifacts_rxdb select id, type, name, content, metadata, version, owner_id, updated_at, false from public.artifacts;
commit;
