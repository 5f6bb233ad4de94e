-- The sample tables: artifacts, and their parent table projects. Every row belongs to one user and only that user
-- sees it. The roles (anon, authenticated, service_role) and auth.uid() are the platform's own.

create table public.projects (
    id uuid primary key default gen_random_uuid(),
    owner_id uuid not null default auth.uid(),
    name text not null,
    version bigint not null default 1,
    updated_at timestamptz not null default now(),
    deleted_at timestamptz null
);

create table public.artifacts (
    id uuid primary key default gen_random_uuid(),
    project_id uuid null references public.projects (id) on delete set null,
    type text not null,
    name text not null,
    content text null,
    metadata jsonb not null default '{}'::jsonb,
    size bigint null check (size is null or size >= 0),
    price numeric null,
    score double precision null,
    is_public boolean not null default false,
    version bigint not null default 1,
    owner_id uuid not null default auth.uid(),
    updated_at timestamptz not null default now(),
    deleted_at timestamptz null
);

-- Serves a delta: everything after a position in (updated_at, id).
create index projects_updated_at_id_idx on public.projects (updated_at, id);
create index artifacts_updated_at_id_idx on public.artifacts (updated_at, id);

-- Serves a backfill in key order: the policy adds owner_id = ..., and without these the scan along the primary key
-- would step over every other owner's rows.
create index projects_owner_id_id_idx on public.projects (owner_id, id);
create index artifacts_owner_id_id_idx on public.artifacts (owner_id, id);

-- Serves the foreign key's own look-up when a project is deleted.
create index artifacts_project_id_idx on public.artifacts (project_id) where project_id is not null;

-- The server owns updated_at and version, whatever the client sends: a position in updated_at is only worth something
-- when no client's clock can write it.
create function public.stamp_row() returns trigger
language plpgsql
security invoker
set search_path = ''
as $$
begin
    new.updated_at := now();
    if tg_op = 'INSERT' then
        new.version := 1;
    else
        new.version := old.version + 1;
    end if;
    return new;
end
$$;

revoke all on function public.stamp_row() from public, anon, authenticated;

create trigger stamp_row before insert or update on public.projects
    for each row execute function public.stamp_row();
create trigger stamp_row before insert or update on public.artifacts
    for each row execute function public.stamp_row();

alter table public.projects enable row level security;
alter table public.artifacts enable row level security;

-- (select auth.uid()) is evaluated once per statement; a bare auth.uid() once per row.
create policy projects_select on public.projects for select to authenticated
    using (owner_id = (select auth.uid()));
create policy projects_insert on public.projects for insert to authenticated
    with check (owner_id = (select auth.uid()));
create policy projects_update on public.projects for update to authenticated
    using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
create policy projects_delete on public.projects for delete to authenticated
    using (owner_id = (select auth.uid()));

create policy artifacts_select on public.artifacts for select to authenticated
    using (owner_id = (select auth.uid()));
create policy artifacts_insert on public.artifacts for insert to authenticated
    with check (owner_id = (select auth.uid()));
create policy artifacts_update on public.artifacts for update to authenticated
    using (owner_id = (select auth.uid())) with check (owner_id = (select auth.uid()));
create policy artifacts_delete on public.artifacts for delete to authenticated
    using (owner_id = (select auth.uid()));

-- Older projects grant everything on new tables to every role by default, newer ones nothing. Say what holds.
revoke all on table public.projects, public.artifacts from public, anon, authenticated, service_role;
grant select, insert, update, delete on table public.projects, public.artifacts to authenticated, service_role;
