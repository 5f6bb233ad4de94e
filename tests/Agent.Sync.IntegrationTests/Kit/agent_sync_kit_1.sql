-- Agent.Sync: the SQL kit, version 1.
--
-- Makes a synchronization exact: a commit-safe sequence column, tombstones for deletes, a horizon below which nothing
-- can appear any more, and one function that takes a batch of changes and answers with an outcome for each.
-- Creates no trigger and touches no table of yours; agent_sync.enable('public.my_table') does that, one table at a time.
-- Can be run again at any time, also over an older version: it replaces functions and keeps what is enabled.
--
-- One file on purpose: it is what a project copies into its own migrations.

do $$
begin
    if current_setting('server_version_num')::integer < 150000 then
        raise exception 'agent_sync needs PostgreSQL 15 or newer';
    end if;
end $$;

create schema if not exists agent_sync;
create schema if not exists agent_sync_private;
comment on schema agent_sync is 'Agent.Sync: functions for clients and tombstone tables. Exposed to the API.';
comment on schema agent_sync_private is 'Agent.Sync: bookkeeping. Never expose it to the API.';

-- ---------------------------------------------------------------------------------------------------------------------
-- Bookkeeping
-- ---------------------------------------------------------------------------------------------------------------------

-- Dumps carry this table: regclass is dumped as a name, so it still fits after a restore.
create table if not exists agent_sync_private.tables (
    id integer generated always as identity primary key,
    relid regclass not null unique,
    -- Another one after every enable: a table that was switched off meanwhile missed changes.
    enable_id uuid not null default gen_random_uuid(),
    generation bigint not null default 0,
    key_columns name[] not null,
    filter_columns name[] not null,
    tombstones name not null unique,
    retention interval not null,
    min_retained bigint not null default 0,
    made_index boolean not null,
    policies text not null,
    cluster_id text not null,
    -- The version of the kit that wrote the table's triggers.
    kit integer not null default 0,
    enabled_at timestamptz not null default now()
);
comment on table agent_sync_private.tables is 'The enabled tables. Change it through agent_sync.enable and agent_sync.disable only.';

-- Only what was applied is kept: a conflict or a rejection may be tried again.
create table if not exists agent_sync_private.ledger (
    user_id text not null,
    op uuid not null,
    applied_at timestamptz not null default now(),
    primary key (user_id, op)
);
comment on table agent_sync_private.ledger is 'Operations that push has applied, so that a repeated one is not applied twice.';

create or replace function agent_sync_private.kit_version() returns integer
language sql immutable parallel safe set search_path = ''
as 'select 1';

-- Whose operations these are. Sessions without a token are told apart by their role.
create or replace function agent_sync_private.caller() returns text
language sql stable set search_path = ''
as $$
    select coalesce(
        nullif(current_setting('request.jwt.claims', true), '')::json ->> 'sub',
        nullif(current_setting('request.jwt.claim.sub', true), ''),
        current_user::text)
$$;

do $$
begin
    if not exists (select from pg_policy where polrelid = 'agent_sync_private.ledger'::regclass and polname = 'own_operations') then
        alter table agent_sync_private.ledger enable row level security;
        create policy own_operations on agent_sync_private.ledger
            using (user_id = (select agent_sync_private.caller()))
            with check (user_id = (select agent_sync_private.caller()));
    end if;
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- What a cluster, a table and its policies look like
-- ---------------------------------------------------------------------------------------------------------------------

-- System identifier and timeline, hashed. The WAL file's name tells the timeline at once after a promotion; the control
-- file only after the next checkpoint.
create or replace function agent_sync_private.cluster_id(with_timeline boolean) returns text
language sql volatile security definer set search_path = ''
as $$
    select md5(concat_ws('|', (select system_identifier from pg_control_system()),
        case when with_timeline then left(pg_walfile_name(pg_current_wal_lsn()), 8) end))
$$;

-- The start of the transaction that holds the horizon back: a session of any database of the cluster, or a prepared
-- transaction. Null where this role may not see it.
create or replace function agent_sync_private.oldest_writer(horizon bigint) returns timestamptz
language sql volatile security definer set search_path = ''
as $$
    select min(since)
    from (
        select xact_start as since from pg_stat_activity where backend_xid::text::bigint = horizon % 4294967296
        union all
        select prepared from pg_prepared_xacts where transaction::text::bigint = horizon % 4294967296
    ) as holders
$$;

-- Whether rows, tombstones or the retention mark lie above what this cluster has assigned: a dump of an older cluster.
-- Stamps rise by one where an older transaction writes last, so a few may be ahead anyway.
create or replace function agent_sync_private.is_ahead(table_id integer, next bigint) returns boolean
language plpgsql volatile security definer set search_path = ''
as $$
declare
    entry agent_sync_private.tables;
    bound bigint;
    ahead boolean;
begin
    select * into entry from agent_sync_private.tables as t where t.id = table_id;
    bound := case when entry.cluster_id = agent_sync_private.cluster_id(false) then next + 10000 else next end;
    if entry.min_retained >= bound then
        return true;
    end if;
    execute format('select exists (select from %s where sync_seq >= $1) or exists (select from agent_sync.%I where sync_seq >= $1)',
        entry.relid, entry.tombstones) into ahead using bound;
    return ahead;
end $$;

create or replace function agent_sync_private.epoch(entry agent_sync_private.tables) returns text
language sql volatile set search_path = ''
as $$
    select md5(concat_ws('|', agent_sync_private.cluster_id(true), (select oid from pg_database where datname = current_database()),
        entry.relid::oid, entry.generation, entry.enable_id))
$$;

-- A table's SELECT policies and whether they are on, as one hash.
create or replace function agent_sync_private.policies_of(relid regclass) returns text
language sql stable set search_path = ''
as $$
    select md5(concat_ws('|', c.relrowsecurity, (
        select string_agg(concat_ws(':', p.polname, p.polpermissive,
                (select string_agg(r::regrole::text, ',' order by r::regrole::text) from unnest(p.polroles) as r),
                pg_get_expr(p.polqual, p.polrelid)), '|' order by p.polname)
        from pg_policy as p where p.polrelid = c.oid and p.polcmd in ('r', '*'))))
    from pg_class as c where c.oid = relid
$$;

-- The same of a table and of its tombstones: either of them may be changed by hand.
create or replace function agent_sync_private.policies_now(entry agent_sync_private.tables) returns text
language sql stable set search_path = ''
as $$
    select concat_ws('|', agent_sync_private.policies_of(entry.relid),
        agent_sync_private.policies_of(to_regclass(format('agent_sync.%I', entry.tombstones))))
$$;

-- The columns a tombstone keeps besides the key: what the SELECT policies mention, and the declared filter columns.
create or replace function agent_sync_private.kept_columns(relid regclass, key_columns name[], filter_columns name[]) returns name[]
language sql stable set search_path = ''
as $$
    select coalesce(array_agg(a.attname order by a.attnum), '{}')
    from pg_attribute as a
    where a.attrelid = relid and a.attnum > 0 and not a.attisdropped
        and a.attname <> 'sync_seq' and a.attname <> all (key_columns)
        and (a.attname = any (filter_columns) or exists (
            select from pg_policy as p
            join pg_depend as d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
            where p.polrelid = a.attrelid and p.polcmd in ('r', '*')
                and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum))
$$;

-- Columns as a definition list: name, type, collation.
create or replace function agent_sync_private.definitions(relid regclass, columns name[]) returns text
language sql stable set search_path = ''
as $$
    select string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
        case when a.attcollation <> 0 and a.attcollation <> t.typcollation
            then format(' collate %I.%I', n.nspname, l.collname) else '' end), ', ' order by c.ord)
    from unnest(columns) with ordinality as c (name, ord)
    join pg_attribute as a on a.attrelid = relid and a.attname = c.name and a.attnum > 0 and not a.attisdropped
    join pg_type as t on t.oid = a.atttypid
    left join pg_collation as l on l.oid = a.attcollation
    left join pg_namespace as n on n.oid = l.collnamespace
$$;

-- SQL for "these values are the same", also for types without an equality operator.
create or replace function agent_sync_private.same(left_side text, right_side text, type oid) returns text
language sql stable set search_path = ''
as $$
    select case
        when type in ('json'::regtype) then format('%s::jsonb is not distinct from %s::jsonb', left_side, right_side)
        when exists (select from pg_operator as o where o.oprname = '=' and o.oprcanmerge
                and o.oprleft = base.oid and o.oprright = base.oid)
            or base.typcategory in ('A', 'E', 'R', 'S')
            then format('%s is not distinct from %s', left_side, right_side)
        else format('%s::text is not distinct from %s::text', left_side, right_side)
    end
    from (select coalesce(nullif(t.typbasetype, 0), t.oid) as oid, t.typcategory from pg_type as t where t.oid = type) as base
$$;

-- The same for several columns of two relations.
create or replace function agent_sync_private.all_same(relid regclass, columns name[], left_name text, right_name text) returns text
language sql stable set search_path = ''
as $$
    select coalesce(string_agg(agent_sync_private.same(
        format('%s.%I', left_name, a.attname), format('%s.%I', right_name, a.attname), a.atttypid), ' and ' order by a.attnum), 'true')
    from pg_attribute as a
    where a.attrelid = relid and a.attname = any (columns) and a.attnum > 0 and not a.attisdropped
$$;

create or replace function agent_sync_private.column_list(columns name[], prefix text default '') returns text
language sql immutable set search_path = ''
as $$ select string_agg(prefix || quote_ident(c.name), ', ' order by c.ord) from unnest(columns) with ordinality as c (name, ord) $$;

create or replace function agent_sync_private.key_match(columns name[], left_name text, right_name text) returns text
language sql immutable set search_path = ''
as $$
    select string_agg(format('%s.%I = %s.%I', left_name, c.name, right_name, c.name), ' and ' order by c.ord)
    from unnest(columns) with ordinality as c (name, ord)
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Triggers
-- ---------------------------------------------------------------------------------------------------------------------

-- The stamp is never below the writer's own transaction id (so nothing can appear below the horizon), and it rises with
-- every change of a row that another transaction may have shown, also when an older transaction writes last.
create or replace function agent_sync_private.stamp() returns trigger
language plpgsql security invoker set search_path = ''
as $$
declare
    xid bigint := pg_current_xact_id()::text::bigint;
begin
    if tg_op = 'INSERT' then
        new.sync_seq := xid;
    elsif new.sync_seq > old.sync_seq and new.sync_seq::text = current_setting('agent_sync.restamp', true) then
        return new;
    elsif old.sync_seq < xid then
        new.sync_seq := xid;
    elsif old.xmin::text::bigint = xid % 4294967296 then
        -- Written by this very transaction: nobody has seen the row yet.
        new.sync_seq := old.sync_seq;
    else
        new.sync_seq := old.sync_seq + 1;
    end if;
    return new;
end $$;

create or replace function agent_sync_private.truncated() returns trigger
language plpgsql security definer set search_path = ''
as $$
declare
    tombstones name;
begin
    update agent_sync_private.tables as t set generation = t.generation + 1 where t.id = tg_argv[0]::integer
        returning t.tombstones into tombstones;
    -- Nobody needs them any more: every client starts over.
    execute format('delete from agent_sync.%I', tombstones);
    return null;
end $$;

-- Writes the trigger functions of one table. They are made to measure because static statements are planned once.
create or replace function agent_sync_private.write_triggers(entry agent_sync_private.tables) returns void
language plpgsql set search_path = ''
as $$
declare
    -- A partition written to directly fires its own triggers, and only row triggers are handed down to it. A row that
    -- moves to another partition is a delete and an insert there; its key changes, as every unique key holds the columns
    -- that decide on the partition.
    partitioned boolean := (select relkind = 'p' from pg_class where oid = entry.relid);
    kept name[] := agent_sync_private.kept_columns(entry.relid, entry.key_columns, entry.filter_columns);
    tombstones text := format('agent_sync.%I', entry.tombstones);
    columns text := agent_sync_private.column_list(entry.key_columns || kept);
    schema text := (select quote_ident(n.nspname) from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where c.oid = entry.relid);
    part record;
    restamp text;
    forget text;
    -- A plan made while the tombstones were few must not read all of them for ever after.
    settings text := 'set search_path = '''' set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off';
begin
    -- A tombstone above the row it belongs to would delete it on a device. That takes an older transaction that brings
    -- a key back which a younger one deleted: rare enough to pay for it with a second update of the row.
    restamp := format($f$
    for found_key in
        select max(t.sync_seq) as floor, %1$s from %2$s as n join %3$s as t on %4$s where t.sync_seq > n.sync_seq group by %1$s
    loop
        perform set_config('agent_sync.restamp', found_key.floor::text, true), set_config('search_path', %5$L, true);
        update %6$s as r set sync_seq = found_key.floor where %7$s;
        perform set_config('agent_sync.restamp', '', true), set_config('search_path', '', true);
    end loop;$f$,
        agent_sync_private.column_list(entry.key_columns, 'n.'), '@rows@', tombstones,
        agent_sync_private.key_match(entry.key_columns, 't', 'n'), schema || ', public, extensions', entry.relid,
        agent_sync_private.key_match(entry.key_columns, 'r', 'found_key'));
    forget := format('delete from %s as t using @rows@ as n where %s and %s;', tombstones,
        agent_sync_private.key_match(entry.key_columns, 't', 'n'), agent_sync_private.all_same(entry.relid, kept, 't', 'n'));

    execute format($f$
create or replace function agent_sync_private.inserted_%1$s() returns trigger language plpgsql security definer %2$s as $b$
declare
    found_key record;
begin
    if exists (select from %3$s) then %4$s %5$s end if;
    return null;
end $b$ $f$, entry.id, settings, tombstones,
        replace(restamp, '@rows@', case when partitioned then '(select new.*)' else 'inserted_rows' end),
        replace(forget, '@rows@', case when partitioned then '(select new.*)' else 'inserted_rows' end));

    execute format($f$
create or replace function agent_sync_private.updated_%1$s() returns trigger language plpgsql security definer %2$s as $b$
declare
    found_key record;
begin
    insert into %3$s (%4$s, sync_seq) values (%5$s, new.sync_seq); %6$s %7$s
    return null;
end $b$ $f$, entry.id, settings, tombstones, columns, agent_sync_private.column_list(entry.key_columns || kept, 'old.'),
        replace(restamp, '@rows@', '(select new.*)'), replace(forget, '@rows@', '(select new.*)'));

    execute format($f$
create or replace function agent_sync_private.deleted_%1$s() returns trigger language plpgsql security definer set search_path = '' as $b$
begin
    insert into %2$s (%3$s, sync_seq)
    select %4$s, greatest(pg_current_xact_id()::text::bigint, d.sync_seq + 1) from %5$s as d;
    return null;
end $b$ $f$, entry.id, tombstones, columns, agent_sync_private.column_list(entry.key_columns || kept, 'd.'),
        case when partitioned then '(select old.*)' else 'deleted_rows' end);

    perform agent_sync_private.drop_triggers(entry.relid);
    execute format('create trigger "~agent_sync_stamp" before insert or update on %s for each row execute function agent_sync_private.stamp()', entry.relid);
    if partitioned then
        execute format('create trigger "~agent_sync_insert" after insert on %s for each row execute function agent_sync_private.inserted_%s()', entry.relid, entry.id);
        execute format('create trigger "~agent_sync_delete" after delete on %s for each row execute function agent_sync_private.deleted_%s()', entry.relid, entry.id);
    else
        execute format('create trigger "~agent_sync_insert" after insert on %s referencing new table as inserted_rows for each statement execute function agent_sync_private.inserted_%s()', entry.relid, entry.id);
        execute format('create trigger "~agent_sync_delete" after delete on %s referencing old table as deleted_rows for each statement execute function agent_sync_private.deleted_%s()', entry.relid, entry.id);
    end if;
    -- The condition keeps ordinary updates from ever calling the function.
    execute format('create trigger "~agent_sync_update" after update on %s for each row when (not (%s)) execute function agent_sync_private.updated_%s()',
        entry.relid, agent_sync_private.all_same(entry.relid, entry.key_columns || kept, 'old', 'new'), entry.id);
    -- A partition can be truncated by itself, which the parent's trigger does not see.
    for part in
        select p.relid from pg_partition_tree(entry.relid) as p union select entry.relid
    loop
        execute format('create trigger "~agent_sync_truncate" after truncate on %s for each statement execute function agent_sync_private.truncated(%s)', part.relid, entry.id);
        execute format('alter table %s enable always trigger "~agent_sync_truncate"', part.relid);
    end loop;
    -- ALWAYS: a session in replica mode changes rows too.
    execute format('alter table %s enable always trigger "~agent_sync_stamp", enable always trigger "~agent_sync_insert", '
        'enable always trigger "~agent_sync_update", enable always trigger "~agent_sync_delete"', entry.relid);
    execute format('revoke all on function agent_sync_private.inserted_%1$s(), agent_sync_private.updated_%1$s(), agent_sync_private.deleted_%1$s() from public', entry.id);
end $$;

create or replace function agent_sync_private.drop_triggers(relid regclass) returns void
language plpgsql set search_path = ''
as $$
declare
    found_trigger record;
begin
    for found_trigger in
        select t.tgname, t.tgrelid::regclass as tgrelid from pg_trigger as t
        where t.tgname like '~agent\_sync\_%' and t.tgparentid = 0 and not t.tgisinternal
            and (t.tgrelid = relid or t.tgrelid in (select p.relid from pg_partition_tree(relid) as p))
    loop
        execute format('drop trigger %I on %s', found_trigger.tgname, found_trigger.tgrelid);
    end loop;
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Policies and grants of a tombstone table
-- ---------------------------------------------------------------------------------------------------------------------

-- Copies the SELECT policies. A policy may name its table, as in a subquery's condition, so it is made while the
-- tombstones bear the table's own name.
create or replace function agent_sync_private.copy_policies(entry agent_sync_private.tables) returns void
language plpgsql set search_path = ''
as $$
declare
    source record;
    policy record;
begin
    select c.relname, c.relrowsecurity into source from pg_class as c where c.oid = entry.relid;
    for policy in
        select p.polname from pg_policy as p where p.polrelid = format('agent_sync.%I', entry.tombstones)::regclass
    loop
        execute format('drop policy %I on agent_sync.%I', policy.polname, entry.tombstones);
    end loop;
    create schema agent_sync_staging;
    execute format('alter table agent_sync.%I set schema agent_sync_staging', entry.tombstones);
    if entry.tombstones <> source.relname then
        execute format('alter table agent_sync_staging.%I rename to %I', entry.tombstones, source.relname);
    end if;
    execute format('alter table agent_sync_staging.%I %s row level security', source.relname,
        case when source.relrowsecurity then 'enable' else 'disable' end);
    for policy in
        select p.polname, p.polpermissive, pg_get_expr(p.polqual, p.polrelid) as condition, p.polqual::text ~ ':varattno (0|-)' as whole_row,
            (select string_agg(case when r = 0 then 'public' else r::regrole::text end, ', ') from unnest(p.polroles) as r) as roles
        from pg_policy as p where p.polrelid = entry.relid and p.polcmd in ('r', '*') order by p.polname
    loop
        if policy.whole_row then
            raise exception 'agent_sync: policy % of % uses a whole row or a system column, which its tombstones do not have', policy.polname, entry.relid
                using errcode = 'feature_not_supported', hint = 'Write the policy with the columns it needs.';
        end if;
        execute format('create policy %I on agent_sync_staging.%I as %s for select to %s using (%s)', policy.polname, source.relname,
            case when policy.polpermissive then 'permissive' else 'restrictive' end, policy.roles, coalesce(policy.condition, 'true'));
    end loop;
    if entry.tombstones <> source.relname then
        execute format('alter table agent_sync_staging.%I rename to %I', source.relname, entry.tombstones);
    end if;
    execute format('alter table agent_sync_staging.%I set schema agent_sync', entry.tombstones);
    drop schema agent_sync_staging;
end $$;

-- Who may read the table may read its tombstones; who may read some columns may read those.
create or replace function agent_sync_private.copy_grants(entry agent_sync_private.tables) returns void
language plpgsql set search_path = ''
as $$
declare
    grantee record;
    tombstones regclass := format('agent_sync.%I', entry.tombstones);
begin
    for grantee in
        select distinct case when g.grantee = 0 then 'public' else g.grantee::regrole::text end as name
        from pg_class as c, aclexplode(c.relacl) as g where c.oid = tombstones and g.grantee <> c.relowner
    loop
        execute format('revoke all on %s from %s', tombstones, grantee.name);
    end loop;
    for grantee in
        select distinct case when g.grantee = 0 then 'public' else g.grantee::regrole::text end as name
        from pg_class as c, aclexplode(c.relacl) as g where c.oid = entry.relid and g.privilege_type = 'SELECT'
    loop
        execute format('grant select on %s to %s', tombstones, grantee.name);
        execute format('grant usage on schema agent_sync to %s', grantee.name);
    end loop;
    for grantee in
        select case when g.grantee = 0 then 'public' else g.grantee::regrole::text end as name,
            string_agg(quote_ident(a.attname), ', ') filter (where exists (
                select from pg_attribute as t where t.attrelid = tombstones and t.attname = a.attname and not t.attisdropped)) as columns
        from pg_attribute as a, aclexplode(a.attacl) as g
        where a.attrelid = entry.relid and g.privilege_type = 'SELECT' and not a.attisdropped and a.attname <> 'sync_seq' group by 1
    loop
        execute format('grant select (sync_seq) on %s to %s', entry.relid, grantee.name);
        execute format('grant select (%s) on %s to %s', concat_ws(', ', grantee.columns, 'sync_seq'), tombstones, grantee.name);
        execute format('grant usage on schema agent_sync to %s', grantee.name);
    end loop;
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- For the administrator
-- ---------------------------------------------------------------------------------------------------------------------

-- The columns of the key: the primary key, or the given unique columns. Raises where they cannot identify a row.
create or replace function agent_sync_private.key_of(relid regclass, key text[]) returns name[]
language plpgsql stable set search_path = ''
as $$
declare
    result name[];
begin
    select array_agg(a.attname order by k.ord) into result
    from pg_index as i
    cross join lateral unnest(i.indkey::smallint[]) with ordinality as k (attnum, ord)
    join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
    where i.indexrelid = (
        select u.indexrelid from pg_index as u
        where u.indrelid = relid and u.indisunique and u.indimmediate and u.indisvalid and u.indpred is null and u.indexprs is null
            and case when key is null then u.indisprimary else
                (select array_agg(c.attname::text order by c.attname) from pg_attribute as c
                    where c.attrelid = relid and c.attnum = any (u.indkey) and c.attnotnull)
                = (select array_agg(k order by k) from unnest(key) as k) end
        order by u.indisprimary desc limit 1)
        and k.ord <= i.indnkeyatts;
    if result is null then
        raise exception 'agent_sync: % has no %', relid, case when key is null then 'primary key'
                else 'unique index over exactly the columns (' || array_to_string(key, ', ') || '), all of them not null' end
            using errcode = 'invalid_table_definition', hint = 'A row needs a key that is unique, not null and not deferrable.';
    end if;
    return result;
end $$;

create or replace function agent_sync.enable(table_name regclass, key text[] default null, filter_columns text[] default null, retention interval default null)
returns void
language plpgsql security invoker set search_path = '' set lock_timeout = '5s'
as $$
declare
    entry agent_sync_private.tables;
    source record;
    wanted_key name[];
    wanted_name name;
    missing text;
begin
    select c.relname, c.relkind, c.relispartition, n.nspname into strict source
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where c.oid = table_name;
    if source.relkind not in ('r', 'p') then
        raise exception 'agent_sync: % is not a table', table_name
            using errcode = 'wrong_object_type', hint = 'Enable the tables that a view reads from.';
    end if;
    if source.relispartition or exists (select from pg_inherits where inhparent = table_name and source.relkind = 'r') then
        raise exception 'agent_sync: % is a partition or has child tables', table_name
            using errcode = 'wrong_object_type', hint = 'Enable the partitioned table; inheritance is not supported.';
    end if;
    if source.nspname in ('agent_sync', 'agent_sync_private') then
        raise exception 'agent_sync: % belongs to the kit', table_name using errcode = 'wrong_object_type';
    end if;
    -- The table comes before the bookkeeping, as for a TRUNCATE and its trigger, and in the strongest mode that is needed
    -- further on. Readers wait only where the column is missing or triggers are replaced.
    execute format('lock table %s in %s mode', table_name, case
        when agent_sync_private.has_sequence(table_name)
                and not exists (select from pg_trigger as t where t.tgrelid = table_name and t.tgname like '~agent\_sync\_%')
            then 'share row exclusive' else 'access exclusive' end);
    -- One at a time: two calls would look for a free name at once.
    lock table agent_sync_private.tables in share row exclusive mode;
    -- A table that was dropped without disable leaves its entry behind.
    perform agent_sync_private.forget_dropped();

    select * into entry from agent_sync_private.tables as t where t.relid = table_name;
    wanted_key := agent_sync_private.key_of(table_name, coalesce(key, entry.key_columns::text[]));
    select c into missing from unnest(filter_columns) as c
    where not exists (select from pg_attribute as a where a.attrelid = table_name and a.attname = c and a.attnum > 0 and not a.attisdropped) limit 1;
    if missing is not null then
        raise exception 'agent_sync: % has no column %', table_name, missing using errcode = 'undefined_column';
    end if;

    if entry.id is null then
        wanted_name := case when source.nspname = 'public' then source.relname else source.nspname || '_' || source.relname end;
        if to_regclass(format('agent_sync.%I', wanted_name)) is not null then
            raise exception 'agent_sync: the name agent_sync.% for the tombstones of % is taken', wanted_name, table_name
                using errcode = 'duplicate_table', hint = 'Another enabled table has it: rename one of the two.';
        end if;
        if exists (select from pg_attribute as a where a.attrelid = table_name and a.attname = 'sync_seq' and not a.attisdropped
                and (a.atttypid <> 'bigint'::regtype or not a.attnotnull)) then
            raise exception 'agent_sync: % has a column sync_seq that is not "bigint not null"', table_name using errcode = 'duplicate_column';
        end if;
        -- A constant default rewrites nothing, and rows that are there already stay as they are.
        if not agent_sync_private.has_sequence(table_name) then
            execute format('alter table %s add column sync_seq bigint not null default 0', table_name);
        end if;
        insert into agent_sync_private.tables (relid, key_columns, filter_columns, tombstones, retention, made_index, policies, cluster_id)
        values (table_name, wanted_key, coalesce(filter_columns, '{}'), wanted_name, coalesce(retention, interval '30 days'), false,
            '', agent_sync_private.cluster_id(false))
        returning * into entry;
    else
        if wanted_key <> entry.key_columns then
            raise exception 'agent_sync: % is enabled with another key', table_name
                using errcode = 'object_not_in_prerequisite_state', hint = 'Call agent_sync.disable first.';
        end if;
        update agent_sync_private.tables as t
        set filter_columns = coalesce(enable.filter_columns, t.filter_columns), retention = coalesce(enable.retention, t.retention)
        where t.id = entry.id returning * into entry;
    end if;
    entry := agent_sync_private.refresh(entry);
    if not agent_sync_private.has_index(entry) then
        execute format('create index on %s (sync_seq, %s)', table_name, agent_sync_private.column_list(entry.key_columns));
        update agent_sync_private.tables as t set made_index = true where t.id = entry.id;
    end if;
end $$;

-- Brings the tombstones, triggers, policies and grants of an enabled table up to what the table is now.
create or replace function agent_sync_private.refresh(entry agent_sync_private.tables) returns agent_sync_private.tables
language plpgsql set search_path = ''
as $$
declare
    tombstones text := format('agent_sync.%I', entry.tombstones);
    columns name[] := entry.key_columns || agent_sync_private.kept_columns(entry.relid, entry.key_columns, entry.filter_columns);
begin
    -- Writers wait from here on, so that none of them goes on with the old triggers.
    execute format('lock table %s in share row exclusive mode', entry.relid);
    if to_regclass(tombstones) is not null and agent_sync_private.definitions(entry.relid, columns)
            is distinct from agent_sync_private.definitions(to_regclass(tombstones), columns) then
        -- Old tombstones lack what the new policies or filters ask for: every client starts over.
        execute format('drop table %s', tombstones);
        update agent_sync_private.tables as t set generation = t.generation + 1 where t.id = entry.id;
    end if;
    if to_regclass(tombstones) is null then
        execute format('create table %s (%s, sync_seq bigint not null, tombstoned_at timestamptz not null default now())',
            tombstones, agent_sync_private.definitions(entry.relid, columns));
        execute format('create index on %s (sync_seq, %2$s)', tombstones, agent_sync_private.column_list(entry.key_columns));
        execute format('create index on %s (%2$s)', tombstones, agent_sync_private.column_list(entry.key_columns));
        execute format('revoke all on %s from public', tombstones);
        execute format('comment on table %s is %L', tombstones, 'Agent.Sync: deleted rows of ' || entry.relid || ', and rows that left a user''s view');
    end if;
    perform agent_sync_private.copy_policies(entry), agent_sync_private.copy_grants(entry), agent_sync_private.write_triggers(entry);
    update agent_sync_private.tables as t
    set policies = agent_sync_private.policies_now(entry), kit = agent_sync_private.kit_version() where t.id = entry.id
        returning * into entry;
    return entry;
end $$;

create or replace function agent_sync_private.has_sequence(relid regclass) returns boolean
language sql volatile set search_path = ''
as $$ select exists (select from pg_attribute as a where a.attrelid = relid and a.attname = 'sync_seq' and not a.attisdropped) $$;

create or replace function agent_sync_private.has_index(entry agent_sync_private.tables) returns boolean
language sql stable set search_path = ''
as $$
    select exists (
        select from pg_index as i join pg_class as c on c.oid = i.indexrelid join pg_am as m on m.oid = c.relam
        where i.indrelid = entry.relid and i.indisvalid and i.indpred is null and m.amname = 'btree'
            and (select array_agg(a.attname order by k.ord)
                from unnest(i.indkey::smallint[]) with ordinality as k (attnum, ord)
                join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
                where k.ord <= cardinality(entry.key_columns) + 1) = array['sync_seq'::name] || entry.key_columns)
$$;

create or replace function agent_sync_private.forget_dropped() returns void
language plpgsql set search_path = ''
as $$
declare
    entry agent_sync_private.tables;
begin
    for entry in
        delete from agent_sync_private.tables as t where not exists (select from pg_class as c where c.oid = t.relid) returning *
    loop
        perform agent_sync_private.drop_objects(entry);
    end loop;
end $$;

create or replace function agent_sync_private.drop_objects(entry agent_sync_private.tables) returns void
language plpgsql set search_path = ''
as $$
begin
    execute format('drop function if exists agent_sync_private.inserted_%1$s(), agent_sync_private.updated_%1$s(), agent_sync_private.deleted_%1$s()', entry.id);
    execute format('drop table if exists agent_sync.%I', entry.tombstones);
end $$;

create or replace function agent_sync.disable(table_name regclass, keep_column boolean default false) returns void
language plpgsql security invoker set search_path = '' set lock_timeout = '5s'
as $$
declare
    entry agent_sync_private.tables;
    found_index record;
begin
    if not exists (select from agent_sync_private.tables as t where t.relid = table_name) then
        return;
    end if;
    execute format('lock table %s in access exclusive mode', table_name);
    delete from agent_sync_private.tables as t where t.relid = table_name returning * into entry;
    if entry.id is null then
        return;
    end if;
    perform agent_sync_private.drop_triggers(table_name), agent_sync_private.drop_objects(entry);
    if not keep_column then
        execute format('alter table %s drop column if exists sync_seq', table_name);
    elsif entry.made_index then
        for found_index in
            select i.indexrelid::regclass as name from pg_index as i
            join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
            where i.indrelid = table_name and a.attname = 'sync_seq'
        loop
            execute format('drop index %s', found_index.name);
        end loop;
    end if;
end $$;

-- A call announces (min_retained rises) and the next one removes: a client that read the mark before it rose still finds
-- every tombstone it was promised.
create or replace function agent_sync.prune(table_name regclass default null) returns table (pruned_table text, announced bigint, removed bigint)
language plpgsql security invoker set search_path = ''
as $$
declare
    found_id integer;
    entry agent_sync_private.tables;
    mark bigint;
begin
    perform agent_sync_private.forget_dropped();
    for found_id in select t.id from agent_sync_private.tables as t where prune.table_name is null or t.relid = prune.table_name order by t.id loop
        -- No writer waits for this in a circle: what one holds is left for the next call, a whole table that is being
        -- truncated included.
        select * into entry from agent_sync_private.tables as t where t.id = found_id for update skip locked;
        continue when not found;
        pruned_table := entry.relid::text;
        execute format('delete from agent_sync.%1$I as t using (select d.ctid from agent_sync.%1$I as d '
            'where d.sync_seq < $1 and d.tombstoned_at < now() - $2 for update skip locked) as old where t.ctid = old.ctid', entry.tombstones)
            using entry.min_retained, entry.retention;
        get diagnostics removed = row_count;
        execute format('select count(*), max(sync_seq) + 1 from agent_sync.%I where tombstoned_at < now() - $1', entry.tombstones)
            into announced, mark using entry.retention;
        update agent_sync_private.tables as t set min_retained = greatest(t.min_retained, mark) where t.id = entry.id;
        return next;
    end loop;
    pruned_table := 'agent_sync_private.ledger';
    announced := 0;
    delete from agent_sync_private.ledger as l
    where l.applied_at < now() - coalesce((select max(t.retention) from agent_sync_private.tables as t), interval '30 days');
    get diagnostics removed = row_count;
    return next;
end $$;

-- After a dump was loaded into a younger cluster: brings rows that are ahead of its transaction ids down to them. The
-- table's own triggers are off meanwhile, so that nothing else of a row changes.
create or replace function agent_sync.rebase(table_name regclass) returns bigint
language plpgsql security invoker set search_path = '' set lock_timeout = '5s'
as $$
declare
    entry agent_sync_private.tables;
    found_trigger record;
    restamped bigint;
    switches text[] := '{}';
    switch text;
begin
    execute format('lock table %s in share row exclusive mode', table_name);
    select * into entry from agent_sync_private.tables as t where t.relid = table_name for update;
    if entry.id is null then
        raise exception 'agent_sync: % is not enabled', table_name using errcode = 'object_not_in_prerequisite_state';
    end if;
    for found_trigger in
        select t.tgrelid::regclass as tgrelid, t.tgname, t.tgenabled from pg_trigger as t
        where not t.tgisinternal and t.tgenabled <> 'D'
            and (t.tgrelid = table_name or t.tgrelid in (select p.relid from pg_partition_tree(table_name) as p))
    loop
        execute format('alter table only %s disable trigger %I', found_trigger.tgrelid, found_trigger.tgname);
        switches := switches || format('alter table only %s enable %s trigger %I', found_trigger.tgrelid,
            case found_trigger.tgenabled when 'A' then 'always' when 'R' then 'replica' else '' end, found_trigger.tgname);
    end loop;
    execute format('update %s set sync_seq = $1 where sync_seq >= $2', table_name)
        using pg_current_xact_id()::text::bigint, pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
    get diagnostics restamped = row_count;
    foreach switch in array switches loop
        execute switch;
    end loop;
    execute format('delete from agent_sync.%I', entry.tombstones);
    update agent_sync_private.tables as t
    set generation = t.generation + 1, min_retained = 0, cluster_id = agent_sync_private.cluster_id(false) where t.id = entry.id;
    return restamped;
end $$;

-- What is not as enable left it. No rows: all is well. Calling enable again repairs what is listed.
create or replace function agent_sync.check(table_name regclass default null) returns table (checked_table text, problem text)
language plpgsql security invoker set search_path = ''
as $$
declare
    entry agent_sync_private.tables;
    columns name[];
begin
    for entry in select * from agent_sync_private.tables as t where "check".table_name is null or t.relid = "check".table_name order by t.id loop
        checked_table := entry.relid::text;
        if not exists (select from pg_class as c where c.oid = entry.relid) then
            problem := 'the table was dropped; agent_sync.prune() forgets it';
            return next;
            continue;
        end if;
        columns := entry.key_columns || agent_sync_private.kept_columns(entry.relid, entry.key_columns, entry.filter_columns);
        if agent_sync_private.policies_now(entry) <> entry.policies then
            problem := 'its SELECT policies, or those of its tombstones, have changed';
            return next;
        end if;
        if agent_sync_private.definitions(entry.relid, columns)
                is distinct from agent_sync_private.definitions(to_regclass(format('agent_sync.%I', entry.tombstones)), columns) then
            problem := 'its tombstones lack a column of the key, of a policy or of a filter, or have another type';
            return next;
        end if;
        if exists (select from pg_class as c, aclexplode(c.relacl) as g where c.oid = entry.relid and g.privilege_type = 'SELECT'
                and g.grantee <> 0 and not has_table_privilege(g.grantee, format('agent_sync.%I', entry.tombstones), 'SELECT')) then
            problem := 'a role that may read it may not read its tombstones';
            return next;
        end if;
        if (select count(*) from pg_trigger as t where t.tgrelid = entry.relid and t.tgname like '~agent\_sync\_%' and t.tgenabled = 'A') <> 5
                or exists (select from pg_partition_tree(entry.relid) as p where not exists (
                    select from pg_trigger as t where t.tgrelid = p.relid and t.tgname = '~agent_sync_truncate' and t.tgenabled = 'A')) then
            problem := 'a trigger is missing or not ENABLE ALWAYS';
            return next;
        end if;
        if exists (select from pg_trigger as t where t.tgrelid = entry.relid and not t.tgisinternal and t.tgtype & 3 = 3
                and t.tgname > '~agent_sync_stamp' collate "C") then
            problem := 'a trigger runs after the one that stamps rows';
            return next;
        end if;
        if not agent_sync_private.has_index(entry) then
            problem := 'the index (sync_seq, key) is missing or not valid';
            return next;
        end if;
        if agent_sync_private.is_ahead(entry.id, pg_snapshot_xmax(pg_current_snapshot())::text::bigint) then
            problem := 'it was loaded from a dump and is ahead of this cluster; call agent_sync.rebase';
            return next;
        end if;
    end loop;
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- For clients
-- ---------------------------------------------------------------------------------------------------------------------

-- Below the horizon nothing can appear any more. Read it before the pages, and from the primary.
create or replace function agent_sync.horizon(request jsonb) returns jsonb
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    snapshot pg_snapshot;
    horizon bigint;
    next bigint;
    since timestamptz;
    answers jsonb;
begin
    if pg_is_in_recovery() then
        raise exception 'agent_sync: the horizon must be read from the primary; this is a replica' using errcode = 'read_only_sql_transaction';
    end if;
    if jsonb_typeof(request -> 'tables') is distinct from 'array' then
        raise exception 'agent_sync: "tables" must be an array of names' using errcode = 'syntax_error';
    end if;
    snapshot := pg_current_snapshot();
    horizon := pg_snapshot_xmin(snapshot)::text::bigint;
    next := pg_snapshot_xmax(snapshot)::text::bigint;
    -- Equal: nothing has ended above the oldest writer, so it holds nothing back.
    if horizon < next then
        since := agent_sync_private.oldest_writer(horizon);
    end if;
    select coalesce(jsonb_object_agg(asked.name, case when t.id is not null then jsonb_build_object(
        'epoch', agent_sync_private.epoch(t),
        'min_retained', t.min_retained::text,
        'tombstones', t.tombstones,
        'columns', (select jsonb_agg(a.attname order by a.attnum) from pg_attribute as a
            where a.attrelid = to_regclass(format('agent_sync.%I', t.tombstones)) and a.attnum > 0 and not a.attisdropped),
        'policies_changed', agent_sync_private.policies_now(t) <> t.policies,
        'needs_rebase', agent_sync_private.is_ahead(t.id, next)) end), '{}')
    into answers
    from (select distinct n as name from jsonb_array_elements_text(request -> 'tables') as n) as asked
    left join (agent_sync_private.tables as t
        join pg_class as c on c.oid = t.relid
        join pg_namespace as s on s.oid = c.relnamespace) on s.nspname || '.' || c.relname = asked.name;
    return jsonb_build_object(
        'kit', agent_sync_private.kit_version(),
        'server_time', agent_sync_private.time_text(clock_timestamp()),
        'horizon', horizon::text,
        'next', next::text,
        'oldest_writer_since', agent_sync_private.time_text(since),
        'tables', answers);
end $$;

create or replace function agent_sync_private.time_text(value timestamptz) returns text
language sql stable set search_path = ''
as $$ select to_char(value at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') $$;

-- Checks the column names of a request against the table and returns them. Raises for an unknown one.
create or replace function agent_sync_private.columns_from(relid regclass, names json) returns name[]
language plpgsql stable set search_path = ''
as $$
declare
    result name[];
begin
    if json_typeof(names) is distinct from 'array' then
        raise exception 'agent_sync: the batch is malformed: columns must be an array' using errcode = 'syntax_error';
    end if;
    select array_agg(a.attname order by c.ord) into result
    from json_array_elements_text(names) with ordinality as c (name, ord)
    left join pg_attribute as a on a.attrelid = relid and a.attname = c.name and a.attnum > 0 and not a.attisdropped;
    if array_position(result, null) is not null then
        raise exception 'agent_sync: the batch names a column that the table does not have' using errcode = 'undefined_column';
    end if;
    return coalesce(result, '{}');
end $$;

-- The statements of one group of changes. $1 are the changes as json, $2 their numbers. "write" returns the numbers it
-- wrote, "check" tells of the others what became of them: applied, conflict, or refused when nothing visible explains it.
create or replace function agent_sync_private.group_statements(
    relid regclass, key_columns name[], kind text, columns name[], version name, deleted name, out write text, out "check" text)
language plpgsql stable set search_path = ''
as $$
declare
    values_columns name[] := array(select c from unnest(columns) as c where kind = 'insert' or c <> all (key_columns));
    input text;
    key_match text;
    fresh text;
    equal text;
    gone text := 'false';
    now_text text;
begin
    -- The key columns are prefixed: a change carries a key and a row. The input is materialized in each statement, or a
    -- table without statistics has it parsed anew for every row (16 ms per change instead of 0.1, measured).
    select format('select c.ord as "~ord", c.doc ->> ''base'' as "~base", %s%s from unnest($1::json[], $2::integer[]) as c (doc, ord)%s%s',
        string_agg(format('%s.%I as "~%s"', case kind when 'insert' then 'n' else 'k' end, key.name, key.ord), ', ' order by key.ord),
        coalesce(', ' || agent_sync_private.column_list(values_columns, 'n.'), ''),
        case when kind <> 'insert' then format(', json_to_record(c.doc -> ''key'') as k (%s)', agent_sync_private.definitions(relid, key_columns)) end,
        case when values_columns <> '{}' then format(', json_to_record(c.doc -> ''row'') as n (%s)', agent_sync_private.definitions(relid, values_columns)) end),
        string_agg(format('t.%I = i."~%s"', key.name, key.ord), ' and ')
    into input, key_match
    from unnest(key_columns) with ordinality as key (name, ord);
    select format('(i."~base" is null or t.%I = i."~base"::%s)', version, format_type(a.atttypid, a.atttypmod)) into fresh
    from pg_attribute as a where a.attrelid = relid and a.attname = version;
    equal := agent_sync_private.all_same(relid, values_columns, 't', 'i');
    if deleted is not null then
        gone := format('t.%I is not null', deleted);
        select format('now()::%s', format_type(a.atttypid, a.atttypmod)) into now_text from pg_attribute as a where a.attrelid = relid and a.attname = deleted;
    end if;

    if kind = 'insert' then
        write := format('with i as materialized (%s), done as (insert into %s as t (%s) select %s from i on conflict (%s) do nothing returning %s) '
            'select array_agg(i."~ord") from i join done as t on %s',
            input, relid, agent_sync_private.column_list(columns), agent_sync_private.column_list(columns, 'i.'),
            agent_sync_private.column_list(key_columns), agent_sync_private.column_list(key_columns, 't.'), key_match);
    elsif kind = 'update' then
        write := format('with i as materialized (%s), done as (update %s as t set %s from i where %s and %s returning i."~ord") select array_agg("~ord") from done',
            input, relid, (select string_agg(format('%1$I = i.%1$I', c), ', ') from unnest(values_columns) as c), key_match, fresh);
    elsif deleted is not null then
        write := format('with i as materialized (%s), done as (update %s as t set %I = %s from i where %s and %s and not (%s) returning i."~ord") select array_agg("~ord") from done',
            input, relid, deleted, now_text, key_match, fresh, gone);
    else
        write := format('with i as materialized (%s), done as (delete from %s as t using i where %s and %s returning i."~ord") select array_agg("~ord") from done',
            input, relid, key_match, fresh);
    end if;
    "check" := format('with i as materialized (%s) select i."~ord" as ord, case %s end as status from i left join %s as t on %s', input,
        case kind
            when 'insert' then format('when t.%I is null then ''refused'' when %s then ''applied'' else ''conflict''', key_columns[1], equal)
            when 'update' then format('when t.%I is null then ''conflict'' when %s then ''applied'' when not %s then ''conflict'' else ''refused''', key_columns[1], equal, fresh)
            else format('when t.%I is null or %s then ''applied'' when not %s then ''conflict'' else ''refused''', key_columns[1], gone, fresh)
        end, relid, key_match);
end $$;

-- Says at once which grant is missing: a row's own refusal by row-level security is an outcome, this is not.
create or replace function agent_sync_private.require_grants(relid regclass, kind text, columns name[]) returns void
language plpgsql stable set search_path = ''
as $$
declare
    privilege text := case kind when 'select' then 'SELECT' when 'insert' then 'INSERT' when 'delete' then 'DELETE' else 'UPDATE' end;
begin
    if privilege = 'DELETE' and not has_table_privilege(relid, privilege)
            or privilege <> 'DELETE' and exists (select from unnest(columns) as c where not has_column_privilege(relid, c, privilege)) then
        raise exception 'permission denied for table %', relid using errcode = 'insufficient_privilege',
            hint = format('GRANT %s ON %s TO %I;', privilege, relid, current_user);
    end if;
end $$;

-- Applies a batch of changes under the caller's own rights and answers with an outcome for each, in their order, as one
-- json value. The batch is tried as a whole; where it fails on a row's account, it is cut in halves until the rows that
-- cannot be written are alone.
create or replace function agent_sync.push(batch json) returns json
language plpgsql volatile security invoker set search_path = ''
as $$
declare
    entry agent_sync_private.tables;
    caller text := agent_sync_private.caller();
    target text;
    version name;
    deleted name;
    selected name[];
    group_of record;
    columns name[];
    statements record;
    -- One element per group.
    writes text[] := '{}';
    checks text[] := '{}';
    inserts boolean[] := '{}';
    -- One element per change.
    docs json[] := '{}';
    keys json[];
    ops uuid[] := '{}';
    groups integer[] := '{}';
    states text[];
    codes text[];
    constraints text[];
    places integer[];
    -- Operations that no earlier call has applied, and numbers of changes.
    claimed uuid[];
    todo integer[] := '{}';
    again integer[];
    written integer[];
    rest integer[];
    part integer[];
    number integer;
    -- Ranges of todo that wait, the next one last.
    starts integer[];
    ends integer[];
    first integer;
    middle integer;
    last integer;
    pass integer := 0;
    progress boolean;
    found_row record;
    code text;
    violated text;
    hostile boolean;
    look_up text;
    rows json[] := '{}';
begin
    begin
        -- PostgreSQL has no U+0000. One such character would make the whole request unreadable, so it is replaced by a
        -- character that nothing contains, and the change that holds it is rejected alone.
        hostile := strpos(batch::text, '\u0000') > 0;
        if hostile then
            batch := regexp_replace(batch::text, '(?<!\\)((?:\\\\)*)\\u0000', '\1\\ufdd0', 'g')::json;
        end if;
        -- Not in the query: the batch would be parsed once per row of pg_class.
        target := batch ->> 'table';
        select t.* into entry
        from agent_sync_private.tables as t
        join pg_class as c on c.oid = t.relid
        join pg_namespace as s on s.oid = c.relnamespace
        where s.nspname || '.' || c.relname = target;
        if entry.id is null then
            raise exception 'agent_sync: the table is not enabled' using errcode = 'undefined_table', hint = 'Call agent_sync.enable on it.';
        end if;
        version := (agent_sync_private.columns_from(entry.relid, json_build_array(batch ->> 'version')))[1];
        deleted := case when batch ->> 'deleted' is not null then (agent_sync_private.columns_from(entry.relid, json_build_array(batch ->> 'deleted')))[1] end;
        selected := agent_sync_private.columns_from(entry.relid, batch -> 'select');
        perform agent_sync_private.require_grants(entry.relid, 'select', selected || entry.key_columns || version);
        for group_of in
            select g.value ->> 'kind' as kind, g.value -> 'columns' as columns, g.value -> 'changes' as changes, g.ord::integer as number
            from json_array_elements(batch -> 'groups') with ordinality as g (value, ord) order by g.ord
        loop
            columns := agent_sync_private.columns_from(entry.relid, group_of.columns);
            if group_of.kind is null or group_of.kind not in ('insert', 'update', 'delete')
                    or group_of.kind = 'insert' and not columns @> entry.key_columns
                    or group_of.kind = 'update' and columns <@ entry.key_columns then
                raise exception 'agent_sync: the batch is malformed: a group must be an insert with the key''s columns, an update with others, or a delete'
                    using errcode = 'syntax_error';
            end if;
            perform agent_sync_private.require_grants(entry.relid, case when group_of.kind = 'delete' and deleted is not null then 'update' else group_of.kind end,
                case group_of.kind when 'delete' then array[deleted] when 'insert' then columns
                    else array(select c from unnest(columns) as c where c <> all (entry.key_columns)) end);
            statements := agent_sync_private.group_statements(entry.relid, entry.key_columns, group_of.kind,
                case group_of.kind when 'delete' then '{}' else columns end, version, deleted);
            writes := writes || statements.write;
            checks := checks || statements.check;
            inserts := inserts || (group_of.kind = 'insert');
            docs := docs || array(select c.doc from json_array_elements(group_of.changes) with ordinality as c (doc, ord) order by c.ord);
            groups := groups || array_fill(group_of.number, array[json_array_length(group_of.changes)]);
        end loop;
        ops := array(select (c.doc ->> 'op')::uuid from unnest(docs) with ordinality as c (doc, ord) order by c.ord);
        if array_position(ops, null) is not null then
            raise exception 'agent_sync: the batch is malformed: a change has no operation id' using errcode = 'syntax_error';
        end if;
    exception when data_exception then
        raise exception 'agent_sync: the batch is malformed' using errcode = 'syntax_error';
    end;
    states := array_fill(null::text, array[cardinality(docs)]);
    codes := states;
    constraints := states;
    places := array_fill(null::integer, array[cardinality(docs)]);

    -- Whoever claims an operation first applies it; a second attempt at the same time waits here for its end.
    with claims as (
        insert into agent_sync_private.ledger (user_id, op)
        select caller, o from (select distinct o from unnest(ops) as o order by o) as sorted
        on conflict do nothing returning op)
    select coalesce(array_agg(op), '{}') into claimed from claims;
    for found_row in
        select o.ord, c is not null as is_new from unnest(ops) with ordinality as o (op, ord) left join unnest(claimed) as c on c = o.op order by o.ord
    loop
        if not found_row.is_new then
            states[found_row.ord] := 'applied';
        elsif hostile and strpos(docs[found_row.ord]::text, '\ufdd0') > 0 then
            states[found_row.ord] := 'rejected';
            codes[found_row.ord] := '22P05';
        else
            todo := todo || found_row.ord::integer;
        end if;
    end loop;

    -- What the table's own triggers see when they are called through the API.
    perform set_config('search_path', (select quote_ident(n.nspname) || ', public, extensions' from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace where c.oid = entry.relid), true);
    while todo <> '{}' loop
        pass := pass + 1;
        again := '{}';
        progress := false;
        starts := array[1];
        ends := array[cardinality(todo)];
        while starts <> '{}' loop
            first := starts[cardinality(starts)];
            last := ends[cardinality(ends)];
            starts := trim_array(starts, 1);
            ends := trim_array(ends, 1);
            code := null;
            begin
                for group_of in
                    select groups[t.number] as number, array_agg(t.number order by t.ord) as members, array_agg(docs[t.number] order by t.ord) as docs
                    from unnest(todo[first:last]) with ordinality as t (number, ord) group by 1 order by 1
                loop
                    execute writes[group_of.number] into written using group_of.docs, group_of.members;
                    foreach number in array coalesce(written, '{}') loop
                        states[number] := 'applied';
                    end loop;
                    if cardinality(group_of.members) > coalesce(cardinality(written), 0) then
                        rest := array(select unnest(group_of.members) except select unnest(written));
                        for found_row in execute checks[group_of.number] using array(select docs[r.number] from unnest(rest) as r (number)), rest loop
                            states[found_row.ord] := found_row.status;
                        end loop;
                    end if;
                end loop;
                set constraints all immediate;
            exception when others then
                get stacked diagnostics code = returned_sqlstate, violated = constraint_name;
                if left(code, 2) not in ('22', '23') and code not in ('P0001', '42501') then
                    raise;
                end if;
            end;
            if code is null then
                foreach number in array todo[first:last] loop
                    if states[number] <> 'refused' then
                        progress := true;
                    elsif pass > 1 then
                        states[number] := 'rejected';
                        codes[number] := '42501';
                    else
                        -- Another transaction may have come between the two statements: look once more.
                        again := again || number;
                    end if;
                end loop;
            elsif first < last then
                middle := (first + last) / 2;
                starts := starts || array[middle + 1, first];
                ends := ends || array[last, middle];
            else
                number := todo[first];
                states[number] := 'rejected';
                codes[number] := code;
                constraints[number] := nullif(violated, '');
                if code = '23503' then
                    -- The row it refers to may come later in this very batch.
                    again := again || number;
                end if;
            end if;
        end loop;
        exit when pass > 1 and not progress or pass > 2;
        if not progress then
            again := array(select n from unnest(again) as n where states[n] = 'refused');
        end if;
        todo := array(select n from unnest(again) as n order by n);
        foreach number in array todo loop
            states[number] := null;
            codes[number] := null;
            constraints[number] := null;
        end loop;
    end loop;
    delete from agent_sync_private.ledger as l
    where l.user_id = caller and l.op = any (array(
        select o.op from unnest(ops, states) as o (op, state) join unnest(claimed) as c on c = o.op where o.state <> 'applied'));

    select format('with k as materialized (select c.ord as "~ord", k.* from unnest($1::json[], $2::integer[]) as c (doc, ord), json_to_record(c.doc) as k (%2$s)) '
        'select k."~ord" as ord, (select row_to_json(r) from (select %1$s) as r) as content from k, %3$s as t where %4$s', agent_sync_private.column_list(selected, 't.'),
        agent_sync_private.definitions(entry.relid, entry.key_columns), entry.relid, agent_sync_private.key_match(entry.key_columns, 't', 'k')) into look_up;
    keys := array(select case when inserts[d.number] then d.doc -> 'row' else d.doc -> 'key' end
        from unnest(docs, groups) with ordinality as d (doc, number, ord) order by d.ord);
    part := array(select s.ord from unnest(codes) with ordinality as s (code, ord) where s.code is null or left(s.code, 2) <> '22');
    for found_row in execute look_up using array(select keys[n] from unnest(part) as n), part loop
        rows := rows || found_row.content;
        places[found_row.ord] := cardinality(rows) - 1;
    end loop;
    -- What is malformed may be the key itself.
    for number in select s.ord from unnest(codes) with ordinality as s (code, ord) where left(s.code, 2) = '22' loop
        begin
            for found_row in execute look_up using array[keys[number]], array[number] loop
                rows := rows || found_row.content;
                places[number] := cardinality(rows) - 1;
            end loop;
        exception when data_exception then
            places[number] := null;
        end;
    end loop;
    return json_build_object(
        'outcomes', (
            select coalesce(json_agg(case when o.state = 'rejected'
                then json_build_object('op', o.op, 'status', o.state, 'code', o.code, 'constraint', o.violated, 'row', o.place)
                else json_build_object('op', o.op, 'status', o.state, 'row', o.place) end order by o.ord), '[]')
            from unnest(ops, states, codes, constraints, places) with ordinality as o (op, state, code, violated, place, ord)),
        'rows', array_to_json(rows));
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Who may what
-- ---------------------------------------------------------------------------------------------------------------------

do $$
declare
    found_role text;
begin
    revoke all on schema agent_sync, agent_sync_private from public;
    revoke all on all functions in schema agent_sync, agent_sync_private from public;
    revoke all on agent_sync_private.tables, agent_sync_private.ledger from public;
    for found_role in select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
        execute format('revoke all on all functions in schema agent_sync, agent_sync_private from %I', found_role);
        execute format('revoke all on agent_sync_private.tables, agent_sync_private.ledger from %I', found_role);
        continue when found_role = 'anon';
        execute format('grant usage on schema agent_sync, agent_sync_private to %I', found_role);
        execute format('grant execute on function agent_sync.horizon(jsonb), agent_sync.push(json) to %I', found_role);
        -- What those two call. The schema is not exposed, so nobody calls these by themselves.
        execute format('grant execute on function agent_sync_private.kit_version(), agent_sync_private.caller(), '
            'agent_sync_private.cluster_id(boolean), agent_sync_private.oldest_writer(bigint), agent_sync_private.is_ahead(integer, bigint), '
            'agent_sync_private.epoch(agent_sync_private.tables), agent_sync_private.policies_of(regclass), '
            'agent_sync_private.policies_now(agent_sync_private.tables), '
            'agent_sync_private.time_text(timestamptz), agent_sync_private.columns_from(regclass, json), '
            'agent_sync_private.group_statements(regclass, name[], text, name[], name, name), '
            'agent_sync_private.require_grants(regclass, text, name[]), agent_sync_private.definitions(regclass, name[]), '
            'agent_sync_private.same(text, text, oid), agent_sync_private.all_same(regclass, name[], text, text), '
            'agent_sync_private.column_list(name[], text), agent_sync_private.key_match(name[], text, text) to %I', found_role);
        execute format('grant select on agent_sync_private.tables to %I', found_role);
        execute format('grant select, insert, delete on agent_sync_private.ledger to %I', found_role);
    end loop;
end $$;

-- An older version's triggers become this one's.
do $$
declare
    entry agent_sync_private.tables;
begin
    set local lock_timeout = '5s';
    perform agent_sync_private.forget_dropped();
    for entry in select * from agent_sync_private.tables as t where t.kit < agent_sync_private.kit_version() order by t.id loop
        perform agent_sync_private.refresh(entry);
    end loop;
end $$;
