-- Agent.Sync: the SQL kit, version 2.
--
-- Makes a synchronization exact: a commit-safe sequence column, tombstones for deletes, a horizon below which nothing
-- can appear any more, and one function that takes a batch of changes and answers with an outcome for each.
-- Creates no trigger and touches no table of yours; agent_sync.enable('public.my_table') does that, one table at a time.
-- Can be run again at any time, also over an older version: it replaces functions and keeps what is enabled.
--
-- One file on purpose: it is what a project copies into its own migrations.
--
-- Contents
--   Bookkeeping: the enabled tables, and the ledger of what push has applied
--   What a cluster, a table and its policies look like
--   Triggers: what stamps rows and writes tombstones
--   Policies and grants of a tombstone table
--   For the administrator: agent_sync.enable, disable, prune, rebase, check
--   For clients: agent_sync.horizon
--   For clients: agent_sync.digest, by which a client compares what it holds
--   For clients: agent_sync.push, which reads what a batch asks for, claims its operations, applies them, and answers
--   Who may what: agent_sync.allow

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
-- Since version 2: how the table looked when enable was called last, and what has happened to it unseen until then.
alter table agent_sync_private.tables
    add column if not exists history text not null default '',
    add column if not exists drifted boolean not null default false,
    add column if not exists table_oid oid,
    add column if not exists key_numbers smallint[],
    add column if not exists filter_numbers smallint[],
    add column if not exists column_marks text[] not null default '{}',
    add column if not exists parts regclass[] not null default '{}',
    add column if not exists files oid[] not null default '{}';
-- Some projects switch it on for every new table, and then nobody would find theirs.
alter table agent_sync_private.tables disable row level security;
comment on table agent_sync_private.tables is 'The enabled tables. Change it through agent_sync.enable and agent_sync.disable only.';

-- Only what was applied is kept: a conflict or a rejection may be tried again.
create table if not exists agent_sync_private.ledger (
    user_id text not null,
    op uuid not null,
    applied_at timestamptz not null default now(),
    primary key (user_id, op)
);
comment on table agent_sync_private.ledger is 'Operations that push has applied, so that a repeated one is not applied twice.';

-- Older versions have no such column, and may have announced a mark a moment ago.
do $$
begin
    if not exists (select from pg_attribute where attrelid = 'agent_sync_private.tables'::regclass and attname = 'announced_at' and not attisdropped) then
        alter table agent_sync_private.tables add column announced_at timestamptz;
        comment on column agent_sync_private.tables.announced_at is 'When prune last raised min_retained; null once it has removed what lies below.';
        update agent_sync_private.tables set announced_at = now() where min_retained > 0;
    end if;
end $$;

-- How long prune waits between announcing a mark and removing what lies below it: longer than any sync takes.
create or replace function agent_sync_private.prune_wait() returns interval
language sql immutable parallel safe set search_path = pg_catalog, pg_temp
as $$ select interval '12 hours' $$;

-- How many operations the ledger keeps of one user, the latest ones: more than any device has under way.
create or replace function agent_sync_private.ledger_cap() returns integer
language sql immutable parallel safe set search_path = pg_catalog, pg_temp
as 'select 100000';

create or replace function agent_sync_private.trim_ledger(of_user text) returns bigint
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    removed bigint;
begin
    delete from agent_sync_private.ledger as l
    where l.user_id = of_user and l.op in (
        select o.op from agent_sync_private.ledger as o where o.user_id = of_user
        order by o.applied_at desc, o.op offset agent_sync_private.ledger_cap());
    get diagnostics removed = row_count;
    return removed;
end $$;

create or replace function agent_sync_private.kit_version() returns integer
language sql immutable parallel safe set search_path = pg_catalog, pg_temp
as 'select 2';

-- Whose operations these are. Sessions without a token are told apart by their role.
create or replace function agent_sync_private.caller() returns text
language sql stable set search_path = pg_catalog, pg_temp
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
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return md5(concat_ws('|', (select system_identifier from pg_control_system()),
        case when with_timeline then left(pg_walfile_name(pg_current_wal_lsn()), 8) end));
end $$;

-- The start of the transaction that holds the horizon back: a session of any database of the cluster, or a prepared
-- transaction. Null where this role may not see it.
create or replace function agent_sync_private.oldest_writer(horizon bigint) returns timestamptz
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    -- Planned once in a session: these views cost more to plan than to read.
    return (
        select min(h.since)
        from (
            select a.xact_start as since from pg_stat_activity as a where a.backend_xid::text::bigint = horizon % 4294967296
            union all
            select p.prepared from pg_prepared_xacts as p where p.transaction::text::bigint = horizon % 4294967296
        ) as h);
end $$;

-- The bound of the transaction ids that no crash can take back, null where the snapshot's own bound will do: an id that was
-- rolled back is given out again after a crash unless the log of it was on disk. Where it is not, this transaction's commit
-- puts it there before the answer leaves. A transaction that cannot write falls back on the last checkpoint.
create or replace function agent_sync_private.durable() returns bigint
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
begin
    if pg_current_wal_flush_lsn() >= pg_current_wal_insert_lsn() then
        return null;
    end if;
    if current_setting('transaction_read_only')::boolean then
        return (select split_part(c.next_xid, ':', 1)::bigint * 4294967296 + split_part(c.next_xid, ':', 2)::bigint from pg_control_checkpoint() as c);
    end if;
    if current_setting('synchronous_commit') = 'off' then
        perform set_config('synchronous_commit', 'local', true);
    end if;
    perform pg_logical_emit_message(true, 'agent_sync', '');
    return null;
end $$;

-- Whether rows, tombstones or the retention mark lie above what this cluster has assigned: a dump of an older cluster.
-- Stamps rise by one where an older transaction writes last, so a few may be ahead anyway: by as many as there are
-- transactions open at once, for which clients leave as much room. Rows and the bound are of one snapshot.
-- The bound is a subquery's, and no maximum is asked for: either would step over all that prune has removed and vacuum has not.
create or replace function agent_sync_private.is_ahead(table_id integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off
as $$
declare
    entry agent_sync_private.tables;
    slack bigint;
    ahead boolean;
begin
    select * into entry from agent_sync_private.tables as t where t.id = table_id;
    if to_regclass(format('agent_sync.%I', entry.tombstones)) is null or not agent_sync_private.has_sequence(entry.relid) then
        return false;
    end if;
    slack := case when entry.cluster_id = agent_sync_private.cluster_id(false) then 10000 else 1000 end;
    execute format('with b as (select pg_snapshot_xmax(pg_current_snapshot())::text::bigint + $2 as bound) '
        'select $1 >= b.bound or exists (select from %s where sync_seq >= (select bound from b)) or exists (select from agent_sync.%I where sync_seq >= (select bound from b)) from b',
        entry.relid, entry.tombstones) into ahead using entry.min_retained, slack;
    return ahead;
end $$;

-- What a client's positions belong to. Another one, and they are void.
create or replace function agent_sync_private.epoch(entry agent_sync_private.tables) returns text
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
    return md5(concat_ws('|', agent_sync_private.cluster_id(true), (select oid from pg_database where datname = current_database()),
        entry.relid::oid, entry.generation, entry.enable_id, nullif(agent_sync_private.history(entry), '')));
end $$;

-- A table's SELECT policies and whether they are on, as one hash.
create or replace function agent_sync_private.policies_of(relid regclass) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp set quote_all_identifiers = off
as $$
begin
    return (
        select md5(concat_ws('|', c.relrowsecurity, (
            select string_agg(concat_ws(':', p.polname, p.polpermissive,
                    (select string_agg(r::regrole::text, ',' order by r::regrole::text) from unnest(p.polroles) as r),
                    pg_get_expr(p.polqual, p.polrelid)), '|' order by p.polname)
            from pg_policy as p where p.polrelid = c.oid and p.polcmd in ('r', '*'))))
        from pg_class as c where c.oid = policies_of.relid);
end $$;

-- The same of a table and of its tombstones: either of them may be changed by hand.
create or replace function agent_sync_private.policies_now(entry agent_sync_private.tables) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    return concat_ws('|', agent_sync_private.policies_of(entry.relid),
        agent_sync_private.policies_of(to_regclass(format('agent_sync.%I', entry.tombstones))));
end $$;

-- Whether the policies are others than enable left, or were when anybody asked: then devices have read what they no longer
-- show, or have not been shown a tombstone, also where they are the old ones again.
create or replace function agent_sync_private.have_policies_drifted(table_id integer) returns boolean
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp
as $$
declare
    entry agent_sync_private.tables;
begin
    select * into entry from agent_sync_private.tables as t where t.id = table_id;
    if entry.drifted or agent_sync_private.policies_now(entry) is not distinct from entry.policies then
        return entry.drifted;
    end if;
    if not current_setting('transaction_read_only')::boolean then
        update agent_sync_private.tables as t set drifted = true
        where t.id in (select d.id from agent_sync_private.tables as d where d.id = table_id and not d.drifted for update skip locked);
    end if;
    return true;
end $$;

-- The columns a tombstone keeps besides the key: what the SELECT policies mention, the declared filter columns, and what it
-- kept before. A policy may come back, and then reads what was kept meanwhile.
create or replace function agent_sync_private.kept_columns(entry agent_sync_private.tables) returns name[]
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    return array(
        select a.attname from pg_attribute as a
        where a.attrelid = entry.relid and a.attnum > 0 and not a.attisdropped
            and a.attname <> 'sync_seq' and a.attname <> all (entry.key_columns)
            and (a.attname = any (entry.filter_columns) or exists (
                select from pg_policy as p
                join pg_depend as d on d.classid = 'pg_policy'::regclass and d.objid = p.oid
                where p.polrelid = a.attrelid and p.polcmd in ('r', '*') and p.polqual is not null
                    and d.refclassid = 'pg_class'::regclass and d.refobjid = a.attrelid and d.refobjsubid = a.attnum)
                or a.attname <> 'tombstoned_at' and exists (
                select from pg_attribute as k
                where k.attrelid = to_regclass(format('agent_sync.%I', entry.tombstones)) and k.attnum > 0 and not k.attisdropped
                    and k.attname = a.attname and k.atttypid = a.atttypid and k.atttypmod = a.atttypmod and k.attcollation = a.attcollation))
        order by a.attnum);
end $$;

-- Columns as a definition list: name, type, collation.
create or replace function agent_sync_private.definitions(relid regclass, columns name[]) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    return (
        select string_agg(format('%I %s%s', a.attname, format_type(a.atttypid, a.atttypmod),
            case when a.attcollation <> 0 and a.attcollation <> t.typcollation
                then format(' collate %I.%I', n.nspname, l.collname) else '' end), ', ' order by c.ord)
        from unnest(columns) with ordinality as c (name, ord)
        join pg_attribute as a on a.attrelid = relid and a.attname = c.name and a.attnum > 0 and not a.attisdropped
        join pg_type as t on t.oid = a.atttypid
        left join pg_collation as l on l.oid = a.attcollation
        left join pg_namespace as n on n.oid = l.collnamespace);
end $$;

-- SQL for "these values are the same", also for types without an equality operator.
create or replace function agent_sync_private.same(left_side text, right_side text, type oid) returns text
language sql stable set search_path = pg_catalog, pg_temp
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

-- quote_ident leaves some words alone that are PL/pgSQL's and not SQL's: old.begin is no field, and a loop ends its query.
create or replace function agent_sync_private.quoted(name text) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select '"' || replace(name, '"', '""') || '"' $$;

create or replace function agent_sync_private.column_list(columns name[], prefix text default '') returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$
    select string_agg(prefix || agent_sync_private.quoted(c.name), ', ' order by c.ord) from unnest(columns) with ordinality as c (name, ord)
$$;

-- SQL for "the keys are equal", by the operators of their types, wherever these are installed. Without a right name the
-- right side are parameters from "first" on.
create or replace function agent_sync_private.key_equal(relid regclass, columns name[], left_name text, right_name text, first integer default 1) returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select string_agg(format('%s.%s operator(%I.%s) %s', left_name, agent_sync_private.quoted(c.name), s.nspname, o.oprname,
        case when right_name is null then '$' || c.ord + first - 1 else format('%s.%s', right_name, agent_sync_private.quoted(c.name)) end), ' and ' order by c.ord)
    from unnest(columns) with ordinality as c (name, ord)
    join pg_attribute as a on a.attrelid = relid and a.attname = c.name and a.attnum > 0 and not a.attisdropped
    cross join lateral (
        select k.opcfamily, k.opcintype from pg_index as i
        cross join lateral unnest(i.indkey::smallint[], i.indclass::oid[]) with ordinality as u (attnum, class, ord)
        join pg_opclass as k on k.oid = u.class
        where i.indrelid = relid and i.indisunique and u.attnum = a.attnum and u.ord <= i.indnkeyatts
        order by i.indisprimary desc limit 1) as class
    join pg_amop as m on m.amopfamily = class.opcfamily and m.amopstrategy = 3 and m.amoplefttype = class.opcintype and m.amoprighttype = class.opcintype
    join pg_operator as o on o.oid = m.amopopr
    join pg_namespace as s on s.oid = o.oprnamespace
$$;

-- SQL for "these columns hold the very same", which needs no operator of their types: a policy may tell apart what equals.
-- The function, not its operator: PostgreSQL writes the operator's operands without their casts into a dump.
create or replace function agent_sync_private.identical(columns name[], left_name text, right_name text) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$
    select format('pg_catalog.record_image_eq(row(%s), row(%s))',
        agent_sync_private.column_list(columns, left_name || '.'), agent_sync_private.column_list(columns, right_name || '.'))
$$;

-- ---------------------------------------------------------------------------------------------------------------------
-- Triggers
-- ---------------------------------------------------------------------------------------------------------------------

-- What a table's triggers know is the same everywhere:
--   A stamp is never below its writer's own transaction id, so nothing can appear below the horizon, and it rises with every
--   change that another transaction may have shown. Within one transaction, sub-transactions included, a row keeps its stamp.
--   A living row's stamp is never below that of a tombstone of its key: devices drop no living row.
--   A tombstone is forgotten only while the row that bears its values lives. Whoever fires last, the table decides.

create or replace function agent_sync_private.truncated() returns trigger
language plpgsql security definer set search_path = pg_catalog, pg_temp
as $$
declare
    tombstones name;
begin
    update agent_sync_private.tables as t set generation = t.generation + 1 where t.id = tg_argv[0]::integer
        returning t.tombstones into tombstones;
    -- A schema-only copy has triggers and no bookkeeping; enable mends it.
    if found then
        -- Nobody needs them any more: every client starts over.
        execute format('delete from agent_sync.%I', tombstones);
    end if;
    return null;
end $$;

-- SQL for "this version of the row was written by this very transaction": nobody has seen it yet. In a sub-transaction the
-- version bears that one's id, which is younger than the transaction's; what is seen and not ended is one's own.
create or replace function agent_sync_private.own_version(version text) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select format('age(%1$s.xmin) <= 0 and pg_xact_status((xid - age(%1$s.xmin))::text::xid8) = ''in progress''', version) $$;

-- Writes a function that only triggers call. Quoted as a literal: a column's name may hold any dollar quote.
create or replace function agent_sync_private.write_function(name text, settings text, declarations text, body text) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('create or replace function agent_sync_private.%I() returns trigger language plpgsql security definer '
        'set search_path = pg_catalog, pg_temp %s as %L', name, settings, format(E'\n#variable_conflict use_variable\ndeclare\n    xid bigint := pg_current_xact_id()::text::bigint;%s\nbegin%s\nend ', declarations, body));
    perform agent_sync_private.revoke_all('function', format('agent_sync_private.%I()', name)::regprocedure);
end $$;

-- Takes what default privileges gave away. Who may execute a trigger function could put it on a table of their own.
create or replace function agent_sync_private.revoke_all(kind text, object oid) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    grantee record;
begin
    for grantee in
        select distinct case when g.grantee = 0 then 'public' else g.grantee::regrole::text end as name
        from (select proacl as acl, 'f' as kind, proowner as owner from pg_proc where kind = 'function' and oid = object
                union all select relacl, 'r', relowner from pg_class where kind = 'table' and oid = object) as o,
            aclexplode(coalesce(o.acl, acldefault(o.kind::"char", o.owner))) as g
        where g.grantee <> o.owner
    loop
        execute format('revoke all on %s %s from %s', kind,
            case kind when 'function' then object::regprocedure::text else object::regclass::text end, grantee.name);
    end loop;
end $$;

-- Writes the functions and triggers of one table. They are made to measure because static statements are planned once. What
-- is rare names the table only when it runs, so that a renamed table needs nothing.
create or replace function agent_sync_private.write_triggers(entry agent_sync_private.tables) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    by_row boolean := agent_sync_private.needs_row_triggers(entry.relid);
    kept name[] := agent_sync_private.kept_columns(entry);
    -- A generated column has no value yet before the update.
    generated name[] := array(select a.attname from pg_attribute as a
        where a.attrelid = entry.relid and a.attname = any (entry.key_columns || kept) and a.attgenerated <> '');
    plain name[] := array(select c from unnest(entry.key_columns || kept) as c where c <> all (generated));
    tombstones text := format('agent_sync.%I', entry.tombstones);
    columns text := agent_sync_private.column_list(entry.key_columns || kept);
    bury text := format('insert into %s (%s, sync_seq) values (%s, ', tombstones, columns, agent_sync_private.column_list(entry.key_columns || kept, 'old.'));
    one_key text := '(select ' || (select string_agg(format('$%s as %I', c.ord, c.name), ', ' order by c.ord)
        from unnest(entry.key_columns) with ordinality as c (name, ord)) || ')';
    own_key text := agent_sync_private.key_equal(entry.relid, entry.key_columns, 't', 'old');
    forget text := format('delete from %s as t where %s and %s;', tombstones,
        agent_sync_private.key_equal(entry.relid, entry.key_columns, 't', 'new'), agent_sync_private.identical(entry.key_columns || kept, 't', 'new'));
    -- A plan made while the tombstones were few must not read all of them for ever after.
    by_index text := 'set enable_seqscan = off set enable_hashjoin = off set enable_mergejoin = off';
    part record;
begin
    -- Before an insert or update. A key or value that changes leaves a tombstone of what it was. The one stamp that is taken
    -- over is that of a tombstone of the row's own key, above the row: settle_statement writes it, nobody else can.
    perform agent_sync_private.write_function('stamp_' || entry.id, '', ' scans text;', format($f$
    if tg_op = 'INSERT' then
        new.sync_seq := xid;
        return new;
    end if;
    if new.sync_seq > old.sync_seq then
        if exists (select from %1$s as t where %2$s and t.sync_seq = new.sync_seq) then
            return new;
        end if;
    end if;
    new.sync_seq := case when old.sync_seq < xid then xid when %3$s then old.sync_seq else old.sync_seq + 1 end;
    if not (%4$s) then
        %5$s
        scans := current_setting('enable_seqscan');
        perform set_config('enable_seqscan', 'off', true);
        %6$s
        perform set_config('enable_seqscan', scans, true);
    end if;
    return new;$f$,
        tombstones, own_key, agent_sync_private.own_version('old'), agent_sync_private.identical(plain, 'old', 'new'),
        bury || 'new.sync_seq);',
        case when generated = '{}' then format('if %s then %s end if;', agent_sync_private.identical(entry.key_columns, 'old', 'new'), forget) end));

    -- After what brings a key back, by row or by statement.
    perform agent_sync_private.write_function('returned_' || entry.id, by_index, ' live text; found_key record;', format($f$
    if tg_op = 'UPDATE' then
        if %1$s then %2$s end if;
    end if;
    if exists (select from %3$s as t where %4$s) then
        %5$s
    end if;
    return null;$f$,
        case when generated = '{}' then 'false' else agent_sync_private.identical(plain, 'old', 'new') end, bury || 'new.sync_seq);', tombstones,
        agent_sync_private.key_equal(entry.relid, entry.key_columns, 't', 'new'),
        agent_sync_private.settle_statement(entry, kept, one_key, agent_sync_private.column_list(entry.key_columns, 'new.'))));

    -- After the delete of a row that this transaction wrote, or that a younger one did. Where rows have triggers of their
    -- own throughout, after every delete.
    perform agent_sync_private.write_function('buried_' || entry.id, '', ' live text; found_key record; stamp bigint;', format($f$
    stamp := case when old.sync_seq < xid then xid when %1$s then old.sync_seq else old.sync_seq + 1 end;
    %2$s
    -- A trigger of the app's may have brought the key back before this one fired, with a lower stamp.
    if stamp > xid then
        %3$s
    end if;
    return null;$f$,
        agent_sync_private.own_version('old'), bury || 'stamp);',
        agent_sync_private.settle_statement(entry, kept, one_key, agent_sync_private.column_list(entry.key_columns, 'old.'))));

    if not by_row then
        perform agent_sync_private.write_function('inserted_' || entry.id, by_index, ' live text; found_key record;', format($f$
    if exists (select from inserted_rows as n cross join lateral (select from %1$s as t where %2$s offset 0) as t) then
        %3$s
    end if;
    return null;$f$,
            tombstones, agent_sync_private.key_equal(entry.relid, entry.key_columns, 't', 'n'),
            agent_sync_private.settle_statement(entry, kept, 'inserted_rows', null)));
        perform agent_sync_private.write_function('deleted_' || entry.id, '', '', format($f$
    insert into %1$s (%2$s, sync_seq) select %3$s, xid from deleted_rows as d where d.sync_seq < xid;
    return null;$f$,
            tombstones, columns, agent_sync_private.column_list(entry.key_columns || kept, 'd.')));
    end if;

    perform agent_sync_private.drop_triggers(entry.relid);
    for part in
        select p as relid from unnest(entry.parts) as p join pg_trigger as t on t.tgrelid = p and t.tgname = '~agent_sync_truncate'
        where p not in (select u.relid from pg_partition_tree(entry.relid) as u)
    loop
        -- It was detached and is nobody's any more.
        execute format('drop trigger "~agent_sync_truncate" on %s', part.relid);
    end loop;
    execute format('create trigger "~agent_sync_stamp" before insert or update on %s for each row execute function agent_sync_private.stamp_%s()', entry.relid, entry.id);
    if by_row then
        execute format('create trigger "~agent_sync_insert" after insert on %s for each row execute function agent_sync_private.returned_%s()', entry.relid, entry.id);
        execute format('create trigger "~agent_sync_delete" after delete on %s for each row execute function agent_sync_private.buried_%s()', entry.relid, entry.id);
    else
        execute format('create trigger "~agent_sync_insert" after insert on %s referencing new table as inserted_rows for each statement execute function agent_sync_private.inserted_%s()', entry.relid, entry.id);
        execute format('create trigger "~agent_sync_delete" after delete on %s referencing old table as deleted_rows for each statement execute function agent_sync_private.deleted_%s()', entry.relid, entry.id);
        execute format('create trigger "~agent_sync_undo" after delete on %s for each row when (old.sync_seq >= pg_current_xact_id()::text::bigint) execute function agent_sync_private.buried_%s()', entry.relid, entry.id);
    end if;
    -- The condition keeps ordinary updates from ever calling the function.
    execute format('create trigger "~agent_sync_update" after update on %s for each row when (not (%s)) execute function agent_sync_private.returned_%s()',
        entry.relid, agent_sync_private.identical(entry.key_columns || generated, 'old', 'new'), entry.id);
    -- A partition can be truncated by itself, which the parent's trigger does not see.
    for part in
        select p.relid from pg_partition_tree(entry.relid) as p union select entry.relid
    loop
        execute format('create trigger "~agent_sync_truncate" after truncate on %s for each statement execute function agent_sync_private.truncated(%s)', part.relid, entry.id);
        execute format('alter table only %s enable always trigger "~agent_sync_truncate"', part.relid);
        -- ALWAYS: a session in replica mode changes rows too.
        execute (select format('alter table only %s ', part.relid) || string_agg(format('enable always trigger %I', t.tgname), ', ')
            from pg_trigger as t where t.tgrelid = part.relid and t.tgname like '~agent\_sync\_%');
    end loop;
end $$;

-- The statements that make tombstones and living rows agree for the keys of "rows": a row that an older transaction brought
-- back below its tombstone is stamped like it, by a second update, since nothing earlier can know; then tombstones of values
-- that live are forgotten. Both go from the rows through the indexes, whatever the statistics say. "parameters" are the values that rows asks for. The update runs the app's triggers once more,
-- with the search path that they have in a call through the API.
create or replace function agent_sync_private.settle_statement(entry agent_sync_private.tables, kept name[], rows text, parameters text) returns text
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    tombstones text := format('agent_sync.%I', entry.tombstones);
    places text := (select string_agg(format('r.%I as "~%s"', c.name, c.ord), ', ' order by c.ord) from unnest(entry.key_columns) with ordinality as c (name, ord));
    found_places text := (select string_agg(format('found_key."~%s"', c.ord), ', ' order by c.ord) from unnest(entry.key_columns) with ordinality as c (name, ord));
begin
    return format($f$live := (select e.relid::text from agent_sync_private.tables as e where e.id = %1$s);
        if live is null then return null; end if;
        for found_key in execute %2$L || live || %3$L %4$s loop
            perform set_config('search_path', (select format('%%I, public, extensions, pg_temp', s.nspname) from pg_class as c
                join pg_namespace as s on s.oid = c.relnamespace where c.oid = live::regclass), true);
            execute 'update ' || live || %5$L using found_key."~floor", %6$s;
            perform set_config('search_path', 'pg_catalog, pg_temp', true);
        end loop;
        execute %7$L || live || %8$L %4$s;$f$,
        entry.id,
        format('select max(t.sync_seq) as "~floor", %s from (select distinct %s from %s as i) as n cross join lateral (select * from ',
            places, agent_sync_private.column_list(entry.key_columns, 'i.'), rows),
        format(' as r where %s offset 0) as r cross join lateral (select t.sync_seq from %s as t where %s offset 0) as t where t.sync_seq > r.sync_seq group by %s',
            agent_sync_private.key_equal(entry.relid, entry.key_columns, 'r', 'n'), tombstones,
            agent_sync_private.key_equal(entry.relid, entry.key_columns, 't', 'r'), agent_sync_private.column_list(entry.key_columns, 'r.')),
        coalesce('using ' || parameters, ''),
        format(' as r set sync_seq = $1 where %s', agent_sync_private.key_equal(entry.relid, entry.key_columns, 'r', null, 2)),
        found_places,
        format('delete from %s as d where d.ctid = any (array(select t.ctid from %s as n cross join lateral (select * from ', tombstones, rows),
        format(' as r where %s offset 0) as r cross join lateral (select t.ctid from %s as t where %s and %s offset 0) as t))',
            agent_sync_private.key_equal(entry.relid, entry.key_columns, 'r', 'n'), tombstones,
            agent_sync_private.key_equal(entry.relid, entry.key_columns, 't', 'r'), agent_sync_private.identical(entry.key_columns || kept, 't', 'r')));
end $$;

-- Whether rows can come and go without a statement trigger of the table's own: through a parent, or as logical replication
-- applies them. A row that moves to another partition is a delete and an insert there; its key changes, as every unique key
-- holds the columns that decide on the partition.
create or replace function agent_sync_private.needs_row_triggers(relid regclass) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from pg_class as c where c.oid = relid and c.relkind = 'p')
        or exists (select from pg_inherits as i where i.inhrelid = relid)
        or exists (select from pg_subscription_rel as s where s.srrelid = relid);
end $$;

create or replace function agent_sync_private.drop_triggers(relid regclass) returns void
language plpgsql set search_path = pg_catalog, pg_temp
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
-- tombstones bear the table's own name. A policy without USING grants no reads, and restricts none.
create or replace function agent_sync_private.copy_policies(entry agent_sync_private.tables) returns void
language plpgsql set search_path = pg_catalog, pg_temp
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
    execute format('alter table agent_sync_staging.%I enable row level security', source.relname);
    for policy in
        select p.polname, p.polpermissive, pg_get_expr(p.polqual, p.polrelid) as condition, p.polqual::text ~ ':varattno (0|-)' as whole_row,
            (select string_agg(case when r = 0 then 'public' else r::regrole::text end, ', ') from unnest(p.polroles) as r) as roles
        from pg_policy as p where source.relrowsecurity and p.polrelid = entry.relid and p.polcmd in ('r', '*') and p.polqual is not null order by p.polname
    loop
        if policy.whole_row then
            raise exception 'agent_sync: policy % of % uses a whole row or a system column, which its tombstones do not have', policy.polname, entry.relid
                using errcode = 'feature_not_supported', hint = 'Write the policy with the columns it needs.';
        end if;
        execute format('create policy %I on agent_sync_staging.%I as %s for select to %s using (%s)', policy.polname, source.relname,
            case when policy.polpermissive then 'permissive' else 'restrictive' end, policy.roles, policy.condition);
    end loop;
    if not source.relrowsecurity then
        execute format('create policy "~agent_sync_all" on agent_sync_staging.%I for select using (true)', source.relname);
    end if;
    execute format('create policy "~agent_sync_grants" on agent_sync_staging.%I as restrictive for select '
        'using ((select agent_sync_private.may_read(%s, current_user)))', source.relname, entry.id);
    if entry.tombstones <> source.relname then
        execute format('alter table agent_sync_staging.%I rename to %I', source.relname, entry.tombstones);
    end if;
    execute format('alter table agent_sync_staging.%I set schema agent_sync', entry.tombstones);
    drop schema agent_sync_staging;
end $$;

-- Whether every column of the tombstones that a role may read is one that it may read of the table: a SELECT that was
-- revoked there is void here at once.
create or replace function agent_sync_private.may_read(table_id integer, reader name) returns boolean
language plpgsql stable security definer set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from agent_sync_private.tables as e where e.id = may_read.table_id and not exists (
            select from pg_attribute as k
            left join pg_attribute as a on a.attrelid = e.relid and a.attname = k.attname and not a.attisdropped
            where k.attrelid = to_regclass(format('agent_sync.%I', e.tombstones)) and k.attnum > 0 and not k.attisdropped
                and k.attname <> 'tombstoned_at' and has_column_privilege(reader, k.attrelid, k.attnum, 'SELECT')
                and coalesce(not has_column_privilege(reader, a.attrelid, a.attnum, 'SELECT'), true)));
end $$;

-- Who may read the table may read its tombstones; who may read some columns may read those. Roles other than anon may call
-- the functions for clients too.
create or replace function agent_sync_private.copy_grants(entry agent_sync_private.tables) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    grantee record;
    tombstones regclass := format('agent_sync.%I', entry.tombstones);
begin
    perform agent_sync_private.revoke_all('table', tombstones);
    -- Their own revokes with the table's: a privilege on a column is another one.
    for grantee in
        select case when g.grantee = 0 then 'public' else g.grantee::regrole::text end as name, string_agg(distinct quote_ident(a.attname), ', ') as columns
        from pg_attribute as a, aclexplode(a.attacl) as g where a.attrelid = tombstones and not a.attisdropped group by 1
    loop
        execute format('revoke all (%s) on %s from %s', grantee.columns, tombstones, grantee.name);
    end loop;
    for grantee in
        select distinct case when g.grantee = 0 then 'public' else g.grantee::regrole::text end as name
        from pg_class as c, aclexplode(c.relacl) as g where c.oid = entry.relid and g.privilege_type = 'SELECT' and g.grantee <> c.relowner
    loop
        execute format('grant select on %s to %s', tombstones, grantee.name);
        perform agent_sync_private.admit(grantee.name);
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
        perform agent_sync_private.admit(grantee.name);
    end loop;
end $$;

-- Lets a role read tombstones and, unless it is nobody in particular, call what is there for clients. "role" is quoted.
create or replace function agent_sync_private.admit(role text) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    step regprocedure;
begin
    execute format('grant usage on schema agent_sync to %s', role);
    execute format('grant execute on function agent_sync_private.may_read(integer, name) to %s', role);
    if role in ('public', 'anon') then
        return;
    end if;
    execute format('grant usage on schema agent_sync_private to %s', role);
    execute format('grant execute on function agent_sync.horizon(jsonb), agent_sync.digest(jsonb), agent_sync.push(json) to %s', role);
    -- What those call. The schema is not exposed, so nobody calls these by themselves.
    execute format('grant execute on function agent_sync_private.kit_version(), agent_sync_private.caller(), '
        'agent_sync_private.cluster_id(boolean), agent_sync_private.oldest_writer(bigint), agent_sync_private.is_ahead(integer), '
        'agent_sync_private.durable(), agent_sync_private.unseen_partitions(integer), agent_sync_private.history(agent_sync_private.tables), '
        'agent_sync_private.epoch(agent_sync_private.tables), agent_sync_private.policies_of(regclass), '
        'agent_sync_private.policies_now(agent_sync_private.tables), agent_sync_private.problems_of(agent_sync_private.tables), '
        'agent_sync_private.is_forced(regclass, integer, name), '
        'agent_sync_private.kept_columns(agent_sync_private.tables), agent_sync_private.needs_row_triggers(regclass), '
        'agent_sync_private.has_sequence(regclass), agent_sync_private.have_policies_drifted(integer), agent_sync_private.has_key(agent_sync_private.tables), '
        'agent_sync_private.time_text(timestamptz), agent_sync_private.definitions(regclass, name[]), agent_sync_private.same(text, text, oid), '
        'agent_sync_private.quoted(text), agent_sync_private.column_list(name[], text), agent_sync_private.ledger_cap(), agent_sync_private.trim_ledger(text) to %s', role);
    for step in select p.oid::regprocedure from pg_proc as p where p.pronamespace = 'agent_sync_private'::regnamespace and p.proname similar to '(push|digest)\_%' loop
        execute format('grant execute on function %s to %s', step, role);
    end loop;
    execute format('grant select on agent_sync_private.tables to %s', role);
    execute format('grant select, insert, delete on agent_sync_private.ledger to %s', role);
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- What happens to a table that no trigger sees
-- ---------------------------------------------------------------------------------------------------------------------

-- Notes how the table looks now, for history() to compare with.
create or replace function agent_sync_private.take_marks(entry agent_sync_private.tables) returns agent_sync_private.tables
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    update agent_sync_private.tables as t set
        table_oid = entry.relid::oid,
        key_numbers = array(select a.attnum from unnest(entry.key_columns) with ordinality as u (name, ord)
            join pg_attribute as a on a.attrelid = entry.relid and a.attname = u.name order by u.ord),
        filter_numbers = array(select a.attnum from unnest(entry.filter_columns) with ordinality as u (name, ord)
            join pg_attribute as a on a.attrelid = entry.relid and a.attname = u.name order by u.ord),
        column_marks = array(select concat_ws(':', a.attnum, a.atttypid::oid, a.xmin, a.attname) from pg_attribute as a
            where a.attrelid = entry.relid and a.attnum > 0 and not a.attisdropped and a.attname <> 'sync_seq' order by a.attnum),
        parts = array(select p.relid from pg_partition_tree(entry.relid) as p where p.relid <> entry.relid order by p.relid::oid),
        files = array(select c.relfilenode from pg_class as c
            where c.oid = entry.relid or c.oid in (select p.relid from pg_partition_tree(entry.relid) as p) order by 1)
    where t.id = entry.id returning * into entry;
    return entry;
end $$;

-- What partitions that enable has not seen brought along or lost, which had no trigger for it.
create or replace function agent_sync_private.unseen_partitions(table_id integer) returns text[]
language plpgsql volatile security definer set search_path = pg_catalog, pg_temp set enable_seqscan = off
as $$
declare
    entry agent_sync_private.tables;
    events text[] := '{}';
    part record;
    has_older boolean;
begin
    select * into entry from agent_sync_private.tables as t where t.id = table_id;
    for part in
        select c.oid, c.relkind, c.relfilenode, i.xmin as attached, a.xmin as created,
            pg_snapshot_xmax(pg_current_snapshot())::text::bigint - age(i.xmin) as bound
        from pg_partition_tree(entry.relid) as t join pg_class as c on c.oid = t.relid
        join pg_inherits as i on i.inhrelid = c.oid
        -- The only description of a table's that no command changes.
        join pg_attribute as a on a.attrelid = c.oid and a.attnum = -1
        where t.relid <> all (entry.parts) order by c.oid
    loop
        if part.attached <> part.created then
            events := events || ('attached ' || part.oid);
        elsif part.relkind = 'r' then
            -- One transaction made it, filled it and attached it.
            execute format('select exists (select from %s where sync_seq < $1)', part.oid::regclass) into has_older using part.bound;
            if has_older then
                events := events || ('filled ' || part.oid);
            end if;
        end if;
        if part.relkind = 'r' and part.relfilenode <> part.oid then
            events := events || format('emptied %s %s', part.oid, part.relfilenode);
        end if;
    end loop;
    return events;
end $$;

-- What has happened since enable was called first that changed rows without a trigger, as a hash:
--   a column of another type, rewritten values, another column under an old name;
--   a partition detached, dropped or attached, or truncated before enable gave it a trigger.
-- What enable has seen stays part of it, and so do the changes of policies that it has seen: they show rows, or hide them,
-- whose stamps do not rise. Empty where nothing happened.
create or replace function agent_sync_private.history(entry agent_sync_private.tables) returns text
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    events text[] := '{}';
    is_rewritten boolean;
    is_partitioned boolean;
begin
    -- A restored dump has numbers of its own, and another epoch anyway.
    if entry.table_oid = entry.relid::oid then
        select c.relkind = 'p' into is_partitioned from pg_class as c where c.oid = entry.relid;
        if is_partitioned then
            is_rewritten := exists (select from pg_class as c where c.oid = any (entry.parts::oid[]) and c.relfilenode <> all (entry.files));
        else
            is_rewritten := exists (select from pg_class as c where c.oid = entry.relid and c.relfilenode <> all (entry.files));
        end if;
        -- A rewrite alone may be VACUUM FULL. The version of a column's description changes with its type.
        events := events || array(
            select concat_ws(' ', 'column', a.attnum, a.atttypid::oid, a.xmin)
            from unnest(entry.column_marks) as m (mark)
            cross join lateral (select split_part(m.mark, ':', 1) as number, split_part(m.mark, ':', 2) as type, split_part(m.mark, ':', 3) as version,
                substr(m.mark, length(split_part(m.mark, ':', 1) || split_part(m.mark, ':', 2) || split_part(m.mark, ':', 3)) + 4) as name) as was
            join pg_attribute as a on a.attrelid = entry.relid and a.attname = was.name and a.attnum > 0 and not a.attisdropped
            where a.attnum::text <> was.number or a.atttypid::oid::text <> was.type or is_rewritten and a.xmin::text <> was.version
            order by a.attnum);
        if is_partitioned then
            events := events || array(
                select 'gone ' || p::oid from unnest(entry.parts) as p
                where p not in (select t.relid from pg_partition_tree(entry.relid) as t) order by p::oid);
            events := events || agent_sync_private.unseen_partitions(entry.id);
        end if;
    end if;
    return case when events = '{}' then entry.history else md5(concat_ws('|', entry.history, array_to_string(events, '|'))) end;
end $$;

-- A dump, restored, is another cluster's: once nothing is ahead of this one, it is this one's.
create or replace function agent_sync_private.adopt(entry agent_sync_private.tables) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    if entry.cluster_id <> agent_sync_private.cluster_id(false) and not agent_sync_private.is_ahead(entry.id) then
        update agent_sync_private.tables as t set cluster_id = agent_sync_private.cluster_id(false) where t.id = entry.id;
    end if;
    if entry.table_oid is distinct from entry.relid::oid then
        perform agent_sync_private.take_marks(entry);
    end if;
end $$;

-- What keeps the promise from being kept, if anything, a word each. The first is told to clients.
create or replace function agent_sync_private.problems_of(entry agent_sync_private.tables) returns text[]
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    problems text[] := '{}';
    tombstones regclass := to_regclass(format('agent_sync.%I', entry.tombstones));
    source record;
    by_row boolean;
begin
    select c.relkind, c.relispartition, c.relpersistence into source from pg_class as c where c.oid = entry.relid;
    if not agent_sync_private.has_sequence(entry.relid) or tombstones is null then
        return array['columns'];
    end if;
    -- What a policy reads in addition is told apart from this: policies_changed.
    if exists (
            select from unnest(entry.key_columns || entry.filter_columns) as c (name) where not exists (
                select from pg_attribute as a join pg_attribute as k on k.attrelid = tombstones and k.attname = a.attname and not k.attisdropped
                    and k.atttypid = a.atttypid and k.atttypmod = a.atttypmod and k.attcollation = a.attcollation
                where a.attrelid = entry.relid and a.attname = c.name and not a.attisdropped)) then
        problems := problems || 'columns'::text;
    end if;
    by_row := exists (select from pg_trigger as t where t.tgrelid = entry.relid and t.tgname = '~agent_sync_delete' and t.tgtype & 1 = 1);
    if (select count(*) from pg_trigger as t where t.tgrelid = entry.relid and t.tgname like '~agent\_sync\_%' and t.tgenabled = 'A')
                <> (case when by_row then 5 else 6 end)
            or source.relkind = 'p' and exists (
                select from pg_partition_tree(entry.relid) as p where (
                    select count(*) from pg_trigger as t where t.tgrelid = p.relid and t.tgenabled = 'A' and t.tgname like '~agent\_sync\_%'
                        and t.tgname <> '~agent_sync_truncate') <> 4
                    or p.relid = any (entry.parts) and not exists (
                        select from pg_trigger as t where t.tgrelid = p.relid and t.tgname = '~agent_sync_truncate' and t.tgenabled = 'A')) then
        problems := problems || 'triggers'::text;
    end if;
    if source.relispartition or not by_row and agent_sync_private.needs_row_triggers(entry.relid) then
        problems := problems || 'parent'::text;
    end if;
    if source.relkind = 'r' and exists (select from pg_inherits as i where i.inhparent = entry.relid) then
        problems := problems || 'children'::text;
    end if;
    if source.relpersistence <> 'p' then
        problems := problems || 'unlogged'::text;
    end if;
    if agent_sync_private.is_forced(entry.relid, entry.id, null) then
        problems := problems || 'forced'::text;
    end if;
    if not agent_sync_private.has_key(entry) then
        problems := problems || 'key'::text;
    end if;
    return problems;
end $$;

-- Whether row-level security hides rows from a role that keeps the promise: the kit's owner, or the one that the table's
-- trigger functions run as. FORCE does so to a table's own owner. "table_id" is null before enable.
create or replace function agent_sync_private.is_forced(relid regclass, table_id integer, caller name) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    if not exists (
            select from pg_class as c
            where (c.oid = is_forced.relid or c.oid in (select p.relid from pg_partition_tree(is_forced.relid) as p)) and c.relrowsecurity and c.relforcerowsecurity) then
        return false;
    end if;
    return exists (
        select from pg_roles as r
        where not r.rolsuper and not r.rolbypassrls and (r.rolname = caller or r.oid in (
            select p.proowner from pg_proc as p where p.pronamespace = 'agent_sync_private'::regnamespace and p.proname in ('is_ahead', 'stamp_' || table_id))));
end $$;

create or replace function agent_sync_private.has_key(entry agent_sync_private.tables) returns boolean
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (
        select from pg_index as u
        where u.indrelid = entry.relid and u.indisunique and u.indimmediate and u.indisvalid and u.indpred is null and u.indexprs is null
            and (select array_agg(c.attname order by c.attname) from pg_attribute as c
                    where c.attrelid = entry.relid and c.attnum = any ((u.indkey::smallint[])[0:u.indnkeyatts - 1]) and c.attnotnull)
                = (select array_agg(k order by k) from unnest(entry.key_columns) as k));
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- For the administrator
-- ---------------------------------------------------------------------------------------------------------------------

-- The columns of the key: the primary key, or the given unique columns. Raises where they cannot identify a row.
create or replace function agent_sync_private.key_of(relid regclass, key text[]) returns name[]
language plpgsql stable set search_path = pg_catalog, pg_temp
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
language plpgsql security invoker set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
as $$
declare
    entry agent_sync_private.tables;
    source record;
    wanted_key name[];
    wanted_name name;
    missing text;
begin
    select c.relname, c.relkind, c.relpersistence, c.relispartition, n.nspname into strict source
    from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where c.oid = table_name;
    if source.relkind not in ('r', 'p') then
        raise exception 'agent_sync: % is not a table', table_name
            using errcode = 'wrong_object_type', hint = 'Enable the tables that a view reads from.';
    end if;
    if source.relispartition or exists (select from pg_inherits where inhparent = table_name and source.relkind = 'r') then
        raise exception 'agent_sync: % is a partition or has child tables', table_name
            using errcode = 'wrong_object_type', hint = 'Enable the partitioned table; inheritance is not supported.';
    end if;
    if source.relpersistence <> 'p' or exists (
            select from pg_partition_tree(table_name) as p join pg_class as c on c.oid = p.relid where c.relpersistence <> 'p') then
        raise exception 'agent_sync: % is unlogged or temporary, or has such a partition', table_name
            using errcode = 'wrong_object_type', hint = 'A crash would empty it unnoticed. ALTER TABLE ... SET LOGGED first.';
    end if;
    if agent_sync_private.is_forced(table_name, null, current_user) then
        raise exception 'agent_sync: row-level security of % holds for its owner too (FORCE), and would hide rows from the kit', table_name
            using errcode = 'object_not_in_prerequisite_state',
                hint = format('ALTER TABLE %s NO FORCE ROW LEVEL SECURITY, or let a role with BYPASSRLS own the kit and call enable.', table_name);
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
    if entry.id is not null then
        entry := agent_sync_private.follow_renames(entry);
    end if;
    wanted_key := agent_sync_private.key_of(table_name, coalesce(key, entry.key_columns::text[]));
    select c into missing from unnest(filter_columns) as c
    where not exists (select from pg_attribute as a where a.attrelid = table_name and a.attname = c and a.attnum > 0 and not a.attisdropped) limit 1;
    if missing is not null then
        raise exception 'agent_sync: % has no column %', table_name, missing using errcode = 'undefined_column';
    end if;
    if wanted_key && array['sync_seq', 'tombstoned_at']::name[] or filter_columns && array['sync_seq', 'tombstoned_at'] then
        raise exception 'agent_sync: % cannot have sync_seq or tombstoned_at in its key or among its filter columns', table_name
            using errcode = 'reserved_name', hint = 'The kit''s tombstones have columns of these names.';
    end if;

    if entry.id is null then
        wanted_name := case when source.nspname = 'public' then source.relname else source.nspname || '_' || source.relname end;
        perform agent_sync_private.forget_copied(table_name, wanted_name);
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
        -- A schema-only copy has the trigger functions of its source, whose numbers are taken.
        while exists (select from pg_proc as p where p.pronamespace = 'agent_sync_private'::regnamespace
                and p.proname ~ ('^[a-z]+_' || (select s.last_value + s.is_called::integer from agent_sync_private.tables_id_seq as s) || '$')) loop
            perform nextval('agent_sync_private.tables_id_seq');
        end loop;
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

-- Brings the names of key and filter columns up to date: the table knows its columns by number. After a dump the numbers
-- may be others, and the names are right.
create or replace function agent_sync_private.follow_renames(entry agent_sync_private.tables) returns agent_sync_private.tables
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    tombstones text := format('agent_sync.%I', entry.tombstones);
    renamed record;
    old_names name[] := entry.key_columns || entry.filter_columns;
    numbers smallint[] := entry.key_numbers || entry.filter_numbers;
begin
    if entry.table_oid is distinct from entry.relid::oid or numbers is null then
        return entry;
    end if;
    -- In two steps: columns may have swapped their names.
    for renamed in
        select distinct u.name as old_name, a.attname as new_name, step.number as step
        from unnest(old_names, numbers) as u (name, number)
        join pg_attribute as a on a.attrelid = entry.relid and a.attnum = u.number and not a.attisdropped and a.attname <> u.name
        cross join generate_series(1, 2) as step (number)
        where exists (select from pg_attribute as k where k.attrelid = to_regclass(tombstones) and k.attname = u.name and not k.attisdropped)
        order by step
    loop
        if renamed.step = 1 then
            execute format('alter table %s rename column %I to %I', tombstones, renamed.old_name, '~' || renamed.old_name);
        else
            execute format('alter table %s rename column %I to %I', tombstones, '~' || renamed.old_name, renamed.new_name);
        end if;
    end loop;
    update agent_sync_private.tables as t set
        key_columns = array(select coalesce(a.attname, u.name) from unnest(entry.key_columns, entry.key_numbers) with ordinality as u (name, number, ord)
            left join pg_attribute as a on a.attrelid = entry.relid and a.attnum = u.number and not a.attisdropped order by u.ord),
        filter_columns = array(select a.attname from unnest(entry.filter_numbers) with ordinality as u (number, ord)
            join pg_attribute as a on a.attrelid = entry.relid and a.attnum = u.number and not a.attisdropped order by u.ord)
    where t.id = entry.id returning * into entry;
    return entry;
end $$;

-- Removes what a copy of the schema brought along without its bookkeeping: the table's triggers, their functions, and the
-- tombstones by their comment.
create or replace function agent_sync_private.forget_copied(relid regclass, tombstones name) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    functions text[] := array(
        select distinct t.tgfoid::regprocedure::text from pg_trigger as t join pg_proc as p on p.oid = t.tgfoid
        where t.tgrelid = forget_copied.relid and t.tgname like '~agent\_sync\_%' and t.tgparentid = 0
            and p.pronamespace = 'agent_sync_private'::regnamespace and p.proname ~ '_\d+$');
    found_function text;
begin
    perform agent_sync_private.drop_triggers(relid);
    foreach found_function in array functions loop
        execute format('drop function %s', found_function);
    end loop;
    if obj_description(to_regclass(format('agent_sync.%I', tombstones)), 'pg_class') like 'Agent.Sync: deleted rows of %'
            and not exists (select from agent_sync_private.tables as t where t.tombstones = forget_copied.tombstones) then
        execute format('drop table agent_sync.%I', tombstones);
    end if;
end $$;

-- Brings the tombstones, triggers, policies and grants of an enabled table up to what the table is now.
create or replace function agent_sync_private.refresh(entry agent_sync_private.tables) returns agent_sync_private.tables
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    tombstones text := format('agent_sync.%I', entry.tombstones);
    columns name[] := entry.key_columns || agent_sync_private.kept_columns(entry);
    is_new boolean := entry.kit = 0;
    past text := agent_sync_private.history(entry);
begin
    if entry.policies <> '' and (entry.drifted or entry.policies is distinct from agent_sync_private.policies_now(entry)) then
        past := md5(concat_ws('|', past, 'policies', agent_sync_private.policies_of(entry.relid)));
    end if;
    -- Writers wait from here on, so that none of them goes on with the old triggers.
    execute format('lock table %s in share row exclusive mode', entry.relid);
    if 'tombstoned_at' = any (columns) then
        raise exception 'agent_sync: a policy of % reads a column tombstoned_at, a name that its tombstones need', entry.relid using errcode = 'reserved_name';
    end if;
    if not is_new and agent_sync_private.missed_changes(entry) then
        -- Changes went by unnoticed: every client starts over.
        update agent_sync_private.tables as t set generation = t.generation + 1 where t.id = entry.id;
    end if;
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
        execute format('comment on table %s is %L', tombstones, 'Agent.Sync: deleted rows of ' || entry.relid || ', and rows that left a user''s view');
    end if;
    -- They are deleted from, which a publication for all tables allows only then.
    execute format('alter table %s replica identity full', tombstones);
    perform agent_sync_private.copy_indexes(entry), agent_sync_private.copy_policies(entry), agent_sync_private.copy_grants(entry),
        agent_sync_private.write_triggers(entry);
    if to_regprocedure(format('agent_sync_private.updated_%s()', entry.id)) is not null then
        -- Version 1's.
        execute format('drop function agent_sync_private.updated_%s()', entry.id);
    end if;
    update agent_sync_private.tables as t
    set history = past, drifted = false, policies = agent_sync_private.policies_now(entry), kit = agent_sync_private.kit_version()
    where t.id = entry.id returning * into entry;
    return agent_sync_private.take_marks(entry);
end $$;

-- Whether rows may have come and gone without the kit: a trigger was missing, off or not for every session, or fired for
-- statements where it takes one for each row.
create or replace function agent_sync_private.missed_changes(entry agent_sync_private.tables) returns boolean
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select (select count(*) from pg_trigger as t where t.tgrelid = entry.relid and t.tgenabled = 'A'
            and t.tgname in ('~agent_sync_stamp', '~agent_sync_insert', '~agent_sync_update', '~agent_sync_delete', '~agent_sync_truncate')) < 5
        or exists (select from pg_partition_tree(entry.relid) as p join pg_trigger as t on t.tgrelid = p.relid
            where t.tgname like '~agent\_sync\_%' and t.tgenabled <> 'A')
        or agent_sync_private.needs_row_triggers(entry.relid) and exists (select from pg_trigger as t
            where t.tgrelid = entry.relid and t.tgname = '~agent_sync_delete' and t.tgtype & 1 = 0)
$$;

-- An index of the table that serves pages by columns the tombstones have, before the sequence and the key, serves their
-- pages too.
create or replace function agent_sync_private.copy_indexes(entry agent_sync_private.tables) returns void
language plpgsql set search_path = pg_catalog, pg_temp
as $$
declare
    found_columns name[];
begin
    for found_columns in
        select distinct u.columns from (
            select array_agg(a.attname order by k.ord) as columns
            from pg_index as i
            join pg_class as c on c.oid = i.indexrelid join pg_am as m on m.oid = c.relam and m.amname = 'btree'
            cross join lateral unnest(i.indkey::smallint[]) with ordinality as k (attnum, ord)
            join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum
            where i.indrelid = entry.relid and i.indisvalid and i.indpred is null and i.indexprs is null and k.ord <= i.indnkeyatts
            group by i.indexrelid) as u
        where u.columns[1] <> 'sync_seq' and u.columns @> (array['sync_seq'::name] || entry.key_columns)
            and not exists (select from unnest(u.columns) as c where c <> 'sync_seq' and c <> all (entry.key_columns || agent_sync_private.kept_columns(entry)))
    loop
        if not exists (select from pg_index as i where i.indrelid = to_regclass(format('agent_sync.%I', entry.tombstones)) and found_columns = (
                select array_agg(a.attname order by k.ord) from unnest(i.indkey::smallint[]) with ordinality as k (attnum, ord)
                join pg_attribute as a on a.attrelid = i.indrelid and a.attnum = k.attnum)) then
            execute format('create index on agent_sync.%I (%s)', entry.tombstones, agent_sync_private.column_list(found_columns));
        end if;
    end loop;
end $$;

create or replace function agent_sync_private.has_sequence(relid regclass) returns boolean
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
    return exists (select from pg_attribute as a where a.attrelid = relid and a.attname = 'sync_seq' and not a.attisdropped);
end $$;

create or replace function agent_sync_private.has_index(entry agent_sync_private.tables) returns boolean
language sql stable set search_path = pg_catalog, pg_temp
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
language plpgsql set search_path = pg_catalog, pg_temp
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
language plpgsql set search_path = pg_catalog, pg_temp
as $$
begin
    execute format('drop table if exists agent_sync.%I', entry.tombstones);
    execute format('drop function if exists agent_sync_private.stamp_%1$s(), agent_sync_private.returned_%1$s(), agent_sync_private.buried_%1$s(), '
        'agent_sync_private.inserted_%1$s(), agent_sync_private.deleted_%1$s(), agent_sync_private.updated_%1$s()', entry.id);
end $$;

create or replace function agent_sync.disable(table_name regclass, keep_column boolean default false) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
as $$
declare
    entry agent_sync_private.tables;
    found_index record;
begin
    if not exists (select from agent_sync_private.tables as t where t.relid = table_name)
            and not exists (select from pg_trigger as t where t.tgrelid = table_name and t.tgname like '~agent\_sync\_%') then
        return;
    end if;
    execute format('lock table %s in access exclusive mode', table_name);
    delete from agent_sync_private.tables as t where t.relid = table_name returning * into entry;
    if entry.id is not null then
        perform agent_sync_private.drop_triggers(table_name), agent_sync_private.drop_objects(entry);
    else
        -- A copy of the schema has no bookkeeping.
        perform agent_sync_private.forget_copied(table_name, (
            select case when n.nspname = 'public' then c.relname else n.nspname || '_' || c.relname end
            from pg_class as c join pg_namespace as n on n.oid = c.relnamespace where c.oid = table_name));
    end if;
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

-- A call announces (min_retained rises), and one that comes long enough after it removes: a client that read the mark
-- before it rose still finds every tombstone it was promised. The mark stays below the horizon, or no client could reach it
-- while an old transaction is open.
create or replace function agent_sync.prune(table_name regclass default null) returns table (pruned_table text, announced bigint, removed bigint)
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    found_id integer;
    entry agent_sync_private.tables;
    mark bigint;
    horizon bigint := pg_snapshot_xmin(pg_current_snapshot())::text::bigint;
begin
    perform agent_sync_private.forget_dropped();
    for found_id in select t.id from agent_sync_private.tables as t where prune.table_name is null or t.relid = prune.table_name order by t.id loop
        -- No writer waits for this in a circle: what one holds is left for the next call, a whole table that is being
        -- truncated included.
        select * into entry from agent_sync_private.tables as t where t.id = found_id for update skip locked;
        continue when not found;
        -- One table whose tombstones are missing holds up no other; check() names it.
        continue when to_regclass(format('agent_sync.%I', entry.tombstones)) is null;
        pruned_table := entry.relid::text;
        announced := 0;
        removed := 0;
        perform agent_sync_private.adopt(entry);
        if entry.announced_at is null or entry.announced_at <= clock_timestamp() - agent_sync_private.prune_wait() then
            execute format('delete from agent_sync.%1$I as t using (select d.ctid from agent_sync.%1$I as d '
                'where d.sync_seq < $1 and d.tombstoned_at < now() - $2 for update skip locked) as old where t.ctid = old.ctid', entry.tombstones)
                using entry.min_retained, entry.retention;
            get diagnostics removed = row_count;
            execute format('select count(*), max(d.sync_seq) + 1 from agent_sync.%I as d where d.tombstoned_at < now() - $1 and d.sync_seq < $2', entry.tombstones)
                into announced, mark using entry.retention, horizon;
            update agent_sync_private.tables as t
            set min_retained = greatest(t.min_retained, mark), announced_at = case when mark > t.min_retained then clock_timestamp() end where t.id = entry.id;
        end if;
        return next;
    end loop;
    pruned_table := 'agent_sync_private.ledger';
    announced := 0;
    delete from agent_sync_private.ledger as l
    where l.applied_at < now() - coalesce((select max(t.retention) from agent_sync_private.tables as t), interval '30 days');
    get diagnostics removed = row_count;
    removed := removed + coalesce((select sum(agent_sync_private.trim_ledger(l.user_id))
        from (select o.user_id from agent_sync_private.ledger as o group by 1 having count(*) > agent_sync_private.ledger_cap()) as l), 0);
    return next;
end $$;

-- After a dump was loaded into a younger cluster: brings rows that are ahead of its transaction ids down to them. The
-- table's own triggers are off meanwhile, so that nothing else of a row changes.
create or replace function agent_sync.restamp(table_name regclass) returns bigint
language plpgsql security invoker set search_path = pg_catalog, pg_temp set lock_timeout = '5s'
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
    -- Every client starts over, so what the kit's own triggers missed while they were off is no loss.
    for found_trigger in
        select t.tgrelid::regclass as tgrelid, t.tgname from pg_trigger as t
        where t.tgname like '~agent\_sync\_%' and t.tgenabled <> 'A'
            and (t.tgrelid = table_name or t.tgrelid in (select p.relid from pg_partition_tree(table_name) as p))
    loop
        execute format('alter table only %s enable always trigger %I', found_trigger.tgrelid, found_trigger.tgname);
    end loop;
    execute format('delete from agent_sync.%I', entry.tombstones);
    update agent_sync_private.tables as t
    set generation = t.generation + 1, min_retained = 0, cluster_id = agent_sync_private.cluster_id(false) where t.id = entry.id returning * into entry;
    perform agent_sync_private.take_marks(entry);
    return restamped;
end $$;

-- What is not as enable left it. No rows: all is well. Calling enable again repairs what is listed, unless it says otherwise.
create or replace function agent_sync.check(table_name regclass default null) returns table (checked_table text, problem text)
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    entry agent_sync_private.tables;
    found_problem text;
    tombstones regclass;
    columns name[];
begin
    for entry in select * from agent_sync_private.tables as t where "check".table_name is null or t.relid = "check".table_name order by t.id loop
        checked_table := entry.relid::text;
        if not exists (select from pg_class as c where c.oid = entry.relid) then
            problem := 'the table was dropped; agent_sync.prune() forgets it';
            return next;
            continue;
        end if;
        tombstones := to_regclass(format('agent_sync.%I', entry.tombstones));
        foreach found_problem in array agent_sync_private.problems_of(entry) loop
            problem := case found_problem
                when 'columns' then 'sync_seq or its tombstones are missing, or a column of the key or of a filter, or one that the tombstones have, is another or of another type'
                when 'triggers' then 'a trigger is missing or not ENABLE ALWAYS'
                when 'parent' then 'it has a parent, or a subscription writes to it, and its triggers fire for its own statements only; if it is a partition, disable it and enable the partitioned table'
                when 'children' then 'it has child tables, whose rows have no stamp; enable does not take it like that'
                when 'unlogged' then 'it is unlogged: a crash empties it unnoticed; call ALTER TABLE ... SET LOGGED'
                when 'forced' then 'row-level security holds for its owner too, and hides rows from the kit; call ALTER TABLE ... NO FORCE ROW LEVEL SECURITY'
                when 'key' then 'no unique index, not deferrable, is over exactly the columns of its key, all of them not null; create it'
                else found_problem end;
            return next;
        end loop;
        if tombstones is null or not agent_sync_private.has_sequence(entry.relid) then
            continue;
        end if;
        columns := entry.key_columns || agent_sync_private.kept_columns(entry);
        if agent_sync_private.definitions(entry.relid, columns) is distinct from agent_sync_private.definitions(tombstones, columns) then
            problem := 'its tombstones lack a column of the key, of a policy or of a filter, or have another type';
            return next;
        end if;
        if entry.drifted or agent_sync_private.policies_now(entry) is distinct from entry.policies then
            problem := 'its SELECT policies, or those of its tombstones, have changed';
            return next;
        end if;
        if agent_sync_private.history(entry) <> entry.history then
            problem := 'a column''s values were rewritten, or a partition came or went with its rows; every device starts over';
            return next;
        end if;
        if exists (select from unnest(entry.parts) as p join pg_class as c on c.oid = p where c.relpersistence <> 'p')
                or exists (select from pg_partition_tree(entry.relid) as p where p.relid <> entry.relid and p.relid <> all (coalesce(entry.parts, '{}'))) then
            problem := 'a partition was made since, or is unlogged';
            return next;
        end if;
        if exists (select from pg_class as c, aclexplode(c.relacl) as g where c.oid = entry.relid and g.privilege_type = 'SELECT'
                and g.grantee <> 0 and (not has_table_privilege(g.grantee, tombstones, 'SELECT') or not has_schema_privilege(g.grantee, 'agent_sync', 'USAGE')
                    or not has_function_privilege(g.grantee, 'agent_sync_private.may_read(integer, name)', 'EXECUTE'))) then
            problem := 'a role that may read it may not read its tombstones';
            return next;
        end if;
        if exists (select from pg_class as c, aclexplode(c.relacl) as g where c.oid = tombstones and g.privilege_type = 'SELECT'
                and g.grantee not in (0, c.relowner) and not has_table_privilege(g.grantee, entry.relid, 'SELECT')) then
            problem := 'a role that may not read it has the grants of its tombstones still';
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
        if agent_sync_private.is_ahead(entry.id) then
            problem := 'it was loaded from a dump and is ahead of this cluster; call agent_sync.restamp';
            return next;
        end if;
    end loop;
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- For clients: the horizon
-- ---------------------------------------------------------------------------------------------------------------------

create or replace function agent_sync_private.time_text(value timestamptz) returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$ select to_char(value at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"+00:00"') $$;

-- Below the horizon nothing can appear any more. Read it before the pages, and from the primary. A table that the caller may
-- read nothing of is answered like one that is not enabled.
create or replace function agent_sync.horizon(request jsonb) returns jsonb
language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    snapshot pg_snapshot;
    horizon bigint;
    next bigint;
    since timestamptz;
    answers jsonb;
begin
    if not has_schema_privilege('agent_sync_private', 'USAGE') then
        raise exception 'agent_sync: role % may not use the kit', current_user using errcode = 'insufficient_privilege',
            hint = format('Call as the owner of the tables: select agent_sync.allow(%L);', current_user);
    end if;
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
    horizon := least(horizon, agent_sync_private.durable());
    select coalesce(jsonb_object_agg(asked.name, case when t.id is not null then jsonb_build_object(
        'epoch', agent_sync_private.epoch(t),
        'min_retained', t.min_retained::text,
        'tombstones', t.tombstones,
        'key', to_jsonb(t.key_columns),
        'columns', (select jsonb_agg(a.attname order by a.attnum) from pg_attribute as a
            where a.attrelid = to_regclass(format('agent_sync.%I', t.tombstones)) and a.attnum > 0 and not a.attisdropped
                and has_column_privilege(a.attrelid, a.attnum, 'SELECT')),
        'problem', (agent_sync_private.problems_of(t))[1],
        'policies_changed', agent_sync_private.have_policies_drifted(t.id),
        'needs_restamp', agent_sync_private.is_ahead(t.id)) end), '{}')
    into answers
    from (select distinct n as name from jsonb_array_elements_text(request -> 'tables') as n) as asked
    left join (agent_sync_private.tables as t
        join pg_class as c on c.oid = t.relid and has_any_column_privilege(c.oid, 'SELECT')
        join pg_namespace as s on s.oid = c.relnamespace) on s.nspname || '.' || c.relname = asked.name;
    return jsonb_build_object(
        'kit', agent_sync_private.kit_version(),
        'server_time', agent_sync_private.time_text(clock_timestamp()),
        'horizon', horizon::text,
        'next', next::text,
        'oldest_writer_since', agent_sync_private.time_text(since),
        'tables', answers);
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- For clients: the digest, by which a client compares what it holds
-- ---------------------------------------------------------------------------------------------------------------------

-- SQL for a column's value as the text that clients write for it too; null where its type has no such text. "kind" is the
-- client's word for what the column holds. To clients, a double that is no number is null, and there is one zero.
create or replace function agent_sync_private.digest_text(relid regclass, column_name name, kind text) returns text
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    type pg_type;
    value text := format('t.%I', column_name);
begin
    select y.* into type from pg_attribute as a join pg_type as y on y.oid = a.atttypid
    where a.attrelid = relid and a.attname = column_name and a.attnum > 0 and not a.attisdropped;
    if type.oid is null then
        raise exception 'agent_sync: the request names a column that the table does not have' using errcode = 'undefined_column';
    end if;
    while type.typtype = 'd' loop
        select y.* into type from pg_type as y where y.oid = type.typbasetype;
    end loop;
    return case
        when kind = 'uuid' and type.oid = 'uuid'::regtype or kind = 'boolean' and type.oid = 'boolean'::regtype
            or kind = 'integer' and type.oid in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype)
            or kind = 'text' and type.oid in ('text'::regtype, 'varchar'::regtype)
            then format('%s::text', value)
        -- The API writes both as null.
        when kind = 'json' and type.oid = 'jsonb'::regtype then format('nullif(%s::text, ''null'')', value)
        when kind = 'double' and type.oid in ('real'::regtype, 'double precision'::regtype)
            then format('encode(float8send(nullif(%s::text::double precision, ''NaN'') + 0), ''hex'')', value)
        when kind = 'numeric' and type.oid = 'numeric'::regtype then format('trim_scale(%s)::text', value)
        when kind = 'timestamptz' and type.oid = 'timestamptz'::regtype or kind = 'timestamp' and type.oid = 'timestamp'::regtype
            then format('case when isfinite(%1$s) then least(trunc(extract(epoch from %1$s) * 1000000), 9223372036854775806)::text else %1$s::text end', value)
        when kind = 'date' and type.oid = 'date'::regtype then format('to_json(%s) #>> ''{}''', value)
        when kind = 'time' and type.oid = 'time'::regtype then format('trunc(extract(epoch from %s) * 1000000)::text', value)
        when kind = 'bytes' and type.oid = 'bytea'::regtype then format('encode(%s, ''hex'')', value)
        when kind = 'json' and type.typcategory = 'A' and type.typelem in ('smallint'::regtype, 'integer'::regtype, 'bigint'::regtype, 'numeric'::regtype,
            'real'::regtype, 'double precision'::regtype, 'boolean'::regtype, 'uuid'::regtype, 'text'::regtype, 'varchar'::regtype)
            then format('to_jsonb(%s)::text', value)
        -- What the API writes as a JSON string of no form of its own is the type's own output.
        when kind = 'text' and type.typcategory not in ('A', 'B', 'C', 'D', 'N', 'P') and type.oid not in ('json'::regtype, 'jsonb'::regtype)
            then format('case when %1$s is not null then concat(%1$s) end', value)
    end;
end $$;

-- SQL for the first bits of a hash of texts, as a number: of one text as it is, of several as a JSON array.
create or replace function agent_sync_private.digest_hash(texts text[], bits integer, type text) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$
    select format('(''x'' || left(md5(%s), %s))::bit(%s)::%s',
        case cardinality(texts) when 1 then texts[1] else format('to_json(array[%s])::text', array_to_string(texts, ', ')) end, bits / 4, bits, type)
$$;

-- SQL for the conditions that the rows of a request meet, each with an "and" before it. A literal takes its column's type,
-- as it does in the API.
create or replace function agent_sync_private.digest_filters(filters jsonb) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$
    select coalesce(string_agg(format(' and t.%I %s %L', f ->> 0,
        case f ->> 1 when 'eq' then '=' when 'neq' then '<>' when 'gt' then '>' when 'gte' then '>=' when 'lt' then '<' when 'lte' then '<=' end, f ->> 2), ''), '')
    from jsonb_array_elements(filters) as f
$$;

-- SQL for a key that a parameter gives as an array of texts.
create or replace function agent_sync_private.digest_key(relid regclass, columns name[], parameter text) returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select string_agg(format('(%s)[%s]::%s', parameter, c.ord, format_type(a.atttypid, a.atttypmod)), ', ' order by c.ord)
    from unnest(columns) with ordinality as c (name, ord)
    join pg_attribute as a on a.attrelid = relid and a.attname = c.name
$$;

-- Walks over "rows" rows that the caller may see, in the order of their key, from "after" on. Without "only" it answers with
-- the count and the hash of each bucket of keys, of rows that are not marked as deleted; with it, with the rows of those
-- buckets: key, sequence, mark, hash. "last" is the key to go on after, null at the end; "omitted"
-- are the columns that cannot be compared.
create or replace function agent_sync.digest(request jsonb) returns json
language plpgsql stable security invoker set search_path = pg_catalog, pg_temp
as $$
declare
    entry agent_sync_private.tables;
    after_key text[] := (select array_agg(k order by ord) from jsonb_array_elements_text(nullif(request -> 'after', 'null')) with ordinality as k (k, ord));
    chosen integer[] := (select array_agg(b::integer) from jsonb_array_elements_text(nullif(request -> 'only', 'null')) as b);
    row_limit integer := (request ->> 'rows')::integer;
    deleted text := case when request ->> 'deleted' is null then 'false' else format('(t.%I is not null)', request ->> 'deleted') end;
    names text[];
    texts text[];
    omitted text[];
    keys text;
    key_texts text;
    key_hashed text[];
    bucket text;
    hash text;
    source text;
    bounds text;
    last_key text[];
    walked bigint;
    found json;
begin
    if not has_schema_privilege('agent_sync_private', 'USAGE') then
        raise exception 'agent_sync: role % may not use the kit', current_user using errcode = 'insufficient_privilege',
            hint = format('Call as the owner of the tables: select agent_sync.allow(%L);', current_user);
    end if;
    if pg_is_in_recovery() then
        raise exception 'agent_sync: the digest must be read from the primary; this is a replica' using errcode = 'read_only_sql_transaction';
    end if;
    entry := agent_sync_private.push_table(request ->> 'table');
    if coalesce(row_limit, 0) < 1 or cardinality(after_key) <> cardinality(entry.key_columns) then
        raise exception 'agent_sync: "rows" must be positive, and "after" a whole key' using errcode = 'syntax_error';
    end if;
    select array_agg(c.name order by c.ord), array_agg(c.value order by c.ord) filter (where c.value is not null),
        coalesce(array_agg(c.name order by c.ord) filter (where c.value is null), '{}')
    into names, texts, omitted
    from (select c ->> 0 as name, agent_sync_private.digest_text(entry.relid, c ->> 0, c ->> 1) as value, ord
        from jsonb_array_elements(request -> 'columns') with ordinality as c (c, ord)) as c;
    if not entry.key_columns::text[] <@ names or entry.key_columns::text[] && omitted then
        raise exception 'agent_sync: the key cannot be compared' using errcode = 'datatype_mismatch';
    end if;
    select string_agg(format('t.%I', k.name), ', ' order by k.ord), string_agg(format('to_json(t.%I) #>> ''{}''', k.name), ', ' order by k.ord),
        array_agg(agent_sync_private.digest_text(entry.relid, k.name, (select c ->> 1 from jsonb_array_elements(request -> 'columns') as c where c ->> 0 = k.name limit 1)) order by k.ord)
    into keys, key_texts, key_hashed
    from unnest(entry.key_columns) with ordinality as k (name, ord);
    bucket := format('(%s & 2047)', agent_sync_private.digest_hash(key_hashed, 32, 'integer'));
    hash := agent_sync_private.digest_hash(texts, 64, 'bigint');
    source := format('%s as t where true%s', entry.relid, agent_sync_private.digest_filters(request -> 'filters'));
    if after_key is not null then
        source := format('%s and (%s) > (%s)', source, keys, agent_sync_private.digest_key(entry.relid, entry.key_columns, '$1'));
    end if;
    execute format('select array[%s] from %s order by %s offset %s limit 1', key_texts, source, keys, row_limit - 1) into last_key using after_key;
    if last_key is not null then
        source := format('%s and (%s) <= (%s)', source, keys, agent_sync_private.digest_key(entry.relid, entry.key_columns, '$2'));
    end if;
    if chosen is null then
        execute format('select coalesce(sum(b.walked), 0), json_agg(json_build_array(b.bucket, b.rows, to_hex(b.hash))) filter (where b.rows > 0)
            from (select %s as bucket, count(*) as walked, count(*) filter (where not %s) as rows, bit_xor(%s) filter (where not %s) as hash
                from %s group by 1) as b', bucket, deleted, hash, deleted, source)
        into walked, found using after_key, last_key;
    else
        execute format('select count(*), json_agg(json_build_array(%s, t.sync_seq::text, %s, to_hex(%s))) filter (where %s = any ($3)) from %s',
            key_texts, deleted, hash, bucket, source)
        into walked, found using after_key, last_key, chosen;
    end if;
    return json_build_object('kit', agent_sync_private.kit_version(), 'walked', walked, 'last', last_key, 'omitted', omitted,
        case when chosen is null then 'buckets' else 'rows' end, coalesce(found, '[]'));
end $$;

-- ---------------------------------------------------------------------------------------------------------------------
-- For clients: push. It reads what the batch asks for, claims its operations, applies them, and answers.
-- ---------------------------------------------------------------------------------------------------------------------

do $$
begin
    if to_regtype('agent_sync_private.push_column') is null then
        create type agent_sync_private.push_column as (
            name name,
            -- Names the column in the statements of push, where no name of the app's can be mistaken for another.
            place integer,
            definition text,
            type text,
            equals text,
            can_select boolean,
            can_insert boolean,
            can_update boolean);
        create type agent_sync_private.push_statements as (write text, compare text);
        create type agent_sync_private.push_outcome as (status text, code text, violated text, wrote boolean);
    end if;
    if not exists (select from pg_attribute where attrelid = to_regclass('agent_sync_private.push_change') and attname = 'content') then
        -- Earlier a change was one document, which each step read from its beginning. The functions with the type go too: they come anew below.
        drop type if exists agent_sync_private.push_change cascade;
        create type agent_sync_private.push_change as (op uuid, kind text, statements integer,
            -- An object with the key's columns.
            key json,
            base text,
            content json);
    end if;
end $$;

-- 1. Read ----------------------------------------------------------------------------------------
-- A json value is read from its beginning each time, and most of a call's time is that. So each level of the batch is read
-- once, and what the later steps ask for is kept apart from the rows' content.

-- PostgreSQL has no U+0000. One such character would make the whole batch unreadable, so a character that the batch does
-- not contain stands in for it, and the changes that hold it are rejected alone.
create or replace function agent_sync_private.push_without_nul(inout batch json, out stand_in text)
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
begin
    if strpos(batch::text, '\u0000') = 0 then
        return;
    end if;
    select min(c) into stand_in
    from (select '\ufd' || to_hex(n) as c from generate_series(208, 239) as n) as noncharacters
    where strpos(batch::text, c) = 0;
    batch := regexp_replace(batch::text, '(?<!\\)((?:\\\\)*)\\u0000', '\1\' || stand_in, 'g')::json;
end $$;

-- What a batch says beside its changes. One that is no object says nothing.
create or replace function agent_sync_private.push_request(batch json, out wanted text, out version text, out deleted text, out selected json, out groups json)
language sql immutable set search_path = pg_catalog, pg_temp
as $$
    select b."table", b.version, b.deleted, b."select", b.groups
    from json_to_record(case json_typeof(batch) when 'object' then batch end) as b ("table" text, version text, deleted text, "select" json, groups json)
$$;

create or replace function agent_sync_private.push_table(wanted text) returns agent_sync_private.tables
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    entry agent_sync_private.tables;
begin
    select t.* into entry
    from agent_sync_private.tables as t
    join pg_class as c on c.oid = t.relid
    join pg_namespace as s on s.oid = c.relnamespace
    where s.nspname || '.' || c.relname = wanted;
    if entry.id is null then
        raise exception 'agent_sync: the table is not enabled' using errcode = 'undefined_table', hint = 'Call agent_sync.enable on it.';
    end if;
    return entry;
end $$;

-- The table's columns, with what the statements of push need of each.
create or replace function agent_sync_private.push_columns(relid regclass) returns agent_sync_private.push_column[]
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select array_agg(row(a.attname, a.attnum, agent_sync_private.definitions(relid, array[a.attname]), format_type(a.atttypid, a.atttypmod),
        agent_sync_private.same(format('t.%I', a.attname), format('i.v%s', a.attnum), a.atttypid),
        has_column_privilege(relid, a.attnum, 'SELECT'), has_column_privilege(relid, a.attnum, 'INSERT'),
        has_column_privilege(relid, a.attnum, 'UPDATE'))::agent_sync_private.push_column order by a.attnum)
    from pg_attribute as a
    where a.attrelid = relid and a.attnum > 0 and not a.attisdropped
$$;

-- Returns the column names of a request. A missing grant is said at once: that row-level security refuses a row is an
-- outcome, this is not. Who has no grant on the whole table is not told which of its other columns there are.
create or replace function agent_sync_private.push_names(relid regclass, columns agent_sync_private.push_column[], privilege text, names json)
returns name[]
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    result name[];
    wanted integer;
begin
    if json_typeof(names) is distinct from 'array' then
        raise exception 'agent_sync: the batch is malformed: columns must be an array' using errcode = 'syntax_error';
    end if;
    wanted := json_array_length(names);
    select coalesce(array_agg(c.name order by w.ord), '{}') into result
    from json_array_elements_text(names) with ordinality as w (name, ord)
    join unnest(columns) as c on c.name = w.name
    where case privilege when 'SELECT' then c.can_select when 'INSERT' then c.can_insert else c.can_update end;
    if cardinality(result) = wanted then
        return result;
    end if;
    if has_table_privilege(relid, privilege) then
        raise exception 'agent_sync: the batch names a column that the table does not have' using errcode = 'undefined_column';
    end if;
    raise exception 'permission denied for table %', relid using errcode = 'insufficient_privilege',
        hint = format('GRANT %s ON %s TO %I; if the grant is on columns, one of those that the batch names is not among them or not there.', privilege, relid, current_user);
end $$;

-- The statements of one group of changes. $1 are the changes' places, $2 their keys, $3 the versions they started from, $4 their
-- content. "write" tells how many rows it wrote and, of inserts, how many of them under the key that was sent; "compare" tells
-- for each row that is there whether it has the values that were sent; for a row that is not there it is null. Columns of the table are always
-- qualified and columns of the statement are called by place, so that no name can be mistaken for another. The input is materialized, or a table without
-- statistics has it parsed anew for every row (16 ms per change instead of 0.1, measured).
create or replace function agent_sync_private.push_statements_of(relid regclass, columns agent_sync_private.push_column[], key_columns name[],
    kind text, names name[], version name, deleted name) returns agent_sync_private.push_statements
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    part record;
    input text;
    fresh text;
    written text;
    result agent_sync_private.push_statements;
begin
    select string_agg(c.definition, ', ') filter (where c.is_key) as key_definitions,
        string_agg(format(', k.%I as k%s', c.name, c.place), '') filter (where c.is_key) as key_input,
        string_agg(format('t.%I = i.k%s', c.name, c.place), ' and ') filter (where c.is_key) as key_match,
        string_agg(format('t.%I as k%s', c.name, c.place), ', ') filter (where c.is_key) as key_output,
        string_agg(format('d.k%1$s = i.k%1$s', c.place), ' and ') filter (where c.is_key) as key_sent,
        string_agg(quote_ident(c.name), ', ') filter (where c.is_key) as key_names,
        string_agg(c.definition, ', ') filter (where c.is_value) as definitions,
        string_agg(format(', n.%I as v%s', c.name, c.place), '') filter (where c.is_value) as input,
        string_agg(quote_ident(c.name), ', ') filter (where c.is_value) as targets,
        string_agg(format('i.v%s', c.place), ', ') filter (where c.is_value) as sources,
        string_agg(format('%I = i.v%s', c.name, c.place), ', ') filter (where c.is_value) as assignments,
        -- What the caller may not read cannot be compared: then it is a conflict.
        case when bool_and(c.can_select) filter (where c.is_value) then string_agg(c.equals, ' and ') filter (where c.is_value) else 'false' end as equals
    into part
    from (select c.*, c.name = any (key_columns) as is_key, c.name = any (names) and (kind = 'insert' or c.name <> all (key_columns)) as is_value
        from unnest(columns) as c) as c;
    input := format('with i as materialized (select c.place, c.base as b%s%s '
            'from rows from (pg_catalog.unnest($1::integer[]), pg_catalog.unnest($2::json[]), pg_catalog.unnest($3::text[]), pg_catalog.unnest($4::json[])) as c (place, key, base, content)%s%s)',
        part.key_input, part.input,
        format(', pg_catalog.json_to_record(c.key) as k (%s)', part.key_definitions),
        case when part.definitions is not null then format(', pg_catalog.json_to_record(c.content) as n (%s)', part.definitions) end);
    fresh := agent_sync_private.push_fresh(columns, version);
    if kind = 'insert' then
        result.write := format('%s, done as (insert into %s as t (%s) select %s from i on conflict (%s) do nothing returning %s) '
            'select (select count(*) from done), (select count(*) from done as d join i on %s)',
            input, relid, part.targets, part.sources, part.key_names, part.key_output, part.key_sent);
    else
        written := case
            when kind = 'update' then format('update %s as t set %s from i where %s and %s', relid, part.assignments, part.key_match, fresh)
            when deleted is not null then format('update %s as t set %I = now()::%s from i where %s and %s and t.%2$I is null',
                relid, deleted, (select c.type from unnest(columns) as c where c.name = deleted), part.key_match, fresh)
            else format('delete from %s as t using i where %s and %s', relid, part.key_match, fresh) end;
        result.write := format('%s, done as (%s returning 1) select count(*), count(*) from done', input, written);
    end if;
    if part.equals is not null then
        result.compare := format('%s select pg_catalog.array_agg(case when t.%I is not null then %s end order by i.place) from i left join %s as t on %s',
            input, key_columns[1], part.equals, relid, part.key_match);
    end if;
    return result;
end $$;

-- The version that an edit started from is the row's, or was not asked for.
create or replace function agent_sync_private.push_fresh(columns agent_sync_private.push_column[], version name) returns text
language sql immutable set search_path = pg_catalog, pg_temp
as $$ select format('(i.b is null or t.%I = i.b::%s)', c.name, c.type) from unnest(columns) as c where c.name = version $$;

-- The statement that looks what is to be done for changes of any kind. $1 are their keys, $2 their kinds, $3 the versions they
-- started from. It answers for each: write, compare (whether what is there is what was sent), applied or conflict; and whether
-- a key comes more than once, in whatever way it is written.
create or replace function agent_sync_private.push_look(relid regclass, columns agent_sync_private.push_column[], key_columns name[], version name, deleted name)
returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select format('with i as materialized (select c.place, c.kind, c.base as b, %s '
            'from rows from (pg_catalog.unnest($1::json[]), pg_catalog.unnest($2::text[]), pg_catalog.unnest($3::text[])) with ordinality as c (key, kind, base, place), '
            'pg_catalog.json_to_record(c.key) as n (%s)) '
            'select pg_catalog.array_agg(case '
            'when t.%I is null then case i.kind when ''insert'' then ''write'' when ''update'' then ''conflict'' else ''applied'' end '
            '%s when i.kind = ''insert'' then ''compare'' when %s then ''write'' when i.kind = ''update'' then ''compare'' else ''conflict'' end order by i.place), '
            '(select count(*) from i) > (select count(*) from (select distinct %s from i) as d) from i left join %s as t on %s',
        string_agg(format('n.%I as k%s', c.name, c.place), ', '), string_agg(c.definition, ', '), key_columns[1],
        case when deleted is not null then format('when i.kind = ''delete'' and t.%I is not null then ''applied''', deleted) end,
        agent_sync_private.push_fresh(columns, version), string_agg(format('k%s', c.place), ', '), relid,
        string_agg(format('t.%I = i.k%s', c.name, c.place), ' and '))
    from unnest(columns) as c where c.name = any (key_columns)
$$;

-- What a batch asks for: its changes in their order, and the statements for each form of its groups.
create or replace function agent_sync_private.push_read(entry agent_sync_private.tables, columns agent_sync_private.push_column[],
    wanted_version text, wanted_deleted text, wanted_columns json, groups json,
    out selected name[], out look text, out changes agent_sync_private.push_change[], out statements agent_sync_private.push_statements[])
language plpgsql stable set search_path = pg_catalog, pg_temp
as $$
declare
    version name;
    deleted name;
    group_of record;
    names name[];
    -- Groups of one form are one: their statement is made once, and runs once for all of them.
    forms text[] := '{}';
    form text;
begin
    selected := agent_sync_private.push_names(entry.relid, columns, 'SELECT', wanted_columns);
    version := (agent_sync_private.push_names(entry.relid, columns, 'SELECT', json_build_array(wanted_version)))[1];
    perform agent_sync_private.push_names(entry.relid, columns, 'SELECT', array_to_json(entry.key_columns));
    if wanted_deleted is not null then
        deleted := (agent_sync_private.push_names(entry.relid, columns, 'SELECT', json_build_array(wanted_deleted)))[1];
    end if;
    look := agent_sync_private.push_look(entry.relid, columns, entry.key_columns, version, deleted);
    changes := '{}';
    statements := '{}';
    for group_of in
        select g.kind, g.columns, g.changes
        from rows from (json_to_recordset(groups) as (kind text, columns json, changes json)) with ordinality as g (kind, columns, changes, ord) order by g.ord
    loop
        form := concat_ws(' ', group_of.kind, group_of.columns);
        if form <> all (forms) then
            if group_of.kind is null or group_of.kind not in ('insert', 'update', 'delete') then
                raise exception 'agent_sync: the batch is malformed: a group must be of kind insert, update or delete' using errcode = 'syntax_error';
            end if;
            if group_of.kind = 'delete' then
                names := '{}';
                if deleted is not null then
                    perform agent_sync_private.push_names(entry.relid, columns, 'UPDATE', json_build_array(deleted));
                elsif not has_table_privilege(entry.relid, 'DELETE') then
                    raise exception 'permission denied for table %', entry.relid using errcode = 'insufficient_privilege',
                        hint = format('GRANT DELETE ON %s TO %I;', entry.relid, current_user);
                end if;
            else
                names := agent_sync_private.push_names(entry.relid, columns, upper(group_of.kind), case group_of.kind when 'insert' then group_of.columns
                    else (select coalesce(json_agg(c.name), '[]') from json_array_elements_text(group_of.columns) as c (name) where c.name <> all (entry.key_columns)) end);
                if group_of.kind = 'insert' and not names @> entry.key_columns or names = '{}'
                        or cardinality(names) <> (select count(distinct n) from unnest(names) as n) then
                    raise exception 'agent_sync: the batch is malformed: a group must be an insert with the key''s columns, an update with others, or a delete'
                        using errcode = 'syntax_error';
                end if;
            end if;
            statements := statements || agent_sync_private.push_statements_of(entry.relid, columns, entry.key_columns, group_of.kind, names, version, deleted);
            forms := forms || form;
        end if;
        changes := changes || array(
            select row(c.op, group_of.kind, array_position(forms, form),
                case when group_of.kind = 'insert' and c.key is null then (select json_object_agg(k, c.content -> k) from unnest(entry.key_columns) as k) else c.key end,
                c.base, c.content)::agent_sync_private.push_change
            from rows from (json_to_recordset(group_of.changes) as (op uuid, key json, base text, "row" json)) with ordinality as c (op, key, base, content, ord) order by c.ord);
    end loop;
    if exists (select from unnest(changes) as c where c.op is null) then
        raise exception 'agent_sync: the batch is malformed: a change has no operation id' using errcode = 'syntax_error';
    end if;
exception when data_exception then
    raise exception 'agent_sync: the batch is malformed' using errcode = 'syntax_error';
end $$;

-- 2. Claim ---------------------------------------------------------------------------------------

-- Whoever claims an operation first applies it; a second attempt at the same time waits here for its end. Returns what no
-- earlier call has applied.
create or replace function agent_sync_private.push_claim(caller text, changes agent_sync_private.push_change[]) returns uuid[]
language sql volatile set search_path = pg_catalog, pg_temp
as $$
    with claims as (
        insert into agent_sync_private.ledger (user_id, op)
        select caller, o.op from (select distinct c.op from unnest(changes) as c order by c.op) as o
        on conflict do nothing returning op)
    select coalesce(array_agg(c.op), '{}') from claims as c
$$;

-- Forgets the claims of what was not written: what changed nothing may be asked for again, and the ledger does not grow by
-- it. Now and then it forgets this user's oldest operations too, where there are very many.
create or replace function agent_sync_private.push_release(caller text, changes agent_sync_private.push_change[],
    outcomes agent_sync_private.push_outcome[], claimed uuid[]) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
begin
    delete from agent_sync_private.ledger as l
    where l.user_id = caller and l.op = any (array(
        select c from unnest(claimed) as c
        except select c.op from unnest(changes) with ordinality as c (op, kind, statements, key, base, content, ord)
            join unnest(outcomes) with ordinality as o (status, code, violated, wrote, ord) using (ord) where o.wrote));
    if random() < 0.01 and pg_try_advisory_xact_lock(hashtextextended('agent_sync ' || caller, 0)) then
        perform agent_sync_private.trim_ledger(caller);
    end if;
end $$;

-- 3. Apply ---------------------------------------------------------------------------------------

-- Whether an error is about the server or the project rather than about a row: the whole call fails by it. What a client
-- should try again belongs here, and so does a privilege that some trigger, default or policy lacks, unless a trigger
-- says so by itself.
create or replace function agent_sync_private.push_must_fail(code text, message text, context text) returns boolean
language sql immutable set search_path = pg_catalog, pg_temp
as $$
    select left(code, 2) in ('08', '25', '40', '53', '57', '58', 'F0') or code in ('0A000', '55P03', 'PT429') or left(code, 3) = 'PT5'
        or code = '42501' and message ~ '^(permission denied (for|to)|must be) ' and context !~ '^[^\n]* RAISE(\n|$)'
$$;

-- Applies some changes: looks, writes what is to be written, and compares the rest. Raises where a row was not written as
-- it was sent, so that whatever a trigger did instead is undone: "refused" tells that nothing visible explains it.
create or replace function agent_sync_private.push_try(path text, look text, statements agent_sync_private.push_statements[], changes agent_sync_private.push_change[],
    numbers integer[]) returns agent_sync_private.push_outcome[]
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    keys json[];
    kinds text[];
    bases text[];
    todo text[];
    repeats boolean;
    outcomes agent_sync_private.push_outcome[];
    part record;
    written bigint;
    as_sent bigint;
    equal boolean[];
begin
    select array_agg(c.key order by n.place), array_agg(c.kind order by n.place), array_agg(c.base order by n.place) into keys, kinds, bases
    from unnest(numbers) with ordinality as n (number, place)
    join unnest(changes) with ordinality as c (op, kind, statements, key, base, content, number) using (number);
    -- What the table's own triggers see when they are called through the API.
    perform set_config('search_path', path, true);
    execute look into todo, repeats using keys, kinds, bases;
    if repeats then
        -- One after the other.
        raise exception 'agent_sync: refused' using errcode = 'insufficient_privilege', constraint = '~refused';
    end if;
    outcomes := array(select row(case w.what when 'write' then 'applied' else w.what end, null, null, w.what = 'write')::agent_sync_private.push_outcome
        from pg_catalog.unnest(todo) with ordinality as w (what, place) order by w.place);
    for part in
        select c.statements as number, n.what, pg_catalog.min(c.kind) as kind, pg_catalog.array_agg(n.place::integer order by n.place) as places,
            pg_catalog.array_agg(c.key order by n.place) as keys, pg_catalog.array_agg(c.base order by n.place) as bases, pg_catalog.array_agg(c.content order by n.place) as contents
        from rows from (pg_catalog.unnest(numbers), pg_catalog.unnest(todo)) with ordinality as n (number, what, place)
        join pg_catalog.unnest(changes) with ordinality as c (op, kind, statements, key, base, content, number) using (number)
        where n.what in ('write', 'compare') group by 1, 2 order by n.what = 'compare', pg_catalog.min(n.place)
    loop
        if part.what = 'write' then
            execute (statements[part.number]).write into written, as_sent using part.places, part.keys, part.bases, part.contents;
            continue when written = pg_catalog.cardinality(part.places) and as_sent = written;
            if written = pg_catalog.cardinality(part.places) then
                raise exception 'agent_sync: a row was written under another key than the one that was sent' using errcode = 'triggered_data_change_violation';
            end if;
            raise exception 'agent_sync: refused' using errcode = 'insufficient_privilege', constraint = '~refused';
        end if;
        execute (statements[part.number]).compare into equal using part.places, part.keys, part.bases, part.contents;
        if part.kind = 'insert' and pg_catalog.array_position(equal, null) is not null then
            -- It was there a moment ago.
            raise exception 'agent_sync: refused' using errcode = 'insufficient_privilege', constraint = '~refused';
        end if;
        for n in 1..pg_catalog.cardinality(part.places) loop
            outcomes[part.places[n]].status := case when equal[n] then 'applied' else 'conflict' end;
        end loop;
    end loop;
    set constraints all immediate;
    return outcomes;
end $$;

-- What an error says is violated: a constraint, or the column that must not be null or takes no value. A trigger may be about
-- another table, or raise anything, so only a column that the change or the batch names is told.
create or replace function agent_sync_private.push_violated(relid regclass, told name[], change agent_sync_private.push_change,
    code text, violated text, of_schema text, of_table text, of_column text) returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select case
        when violated <> '' then nullif(violated, '~refused')
        when code in ('23502', '428C9') and (of_column = any (told) or change.content -> of_column is not null)
            and to_regclass(format('%I.%I', of_schema, of_table)) in (select push_violated.relid union all select p.relid from pg_partition_tree(push_violated.relid) as p)
            then of_column end
$$;

-- The same in one sub-transaction; where it fails, in halves. So a change that fails costs about 2 log2(n)
-- sub-transactions, and no other pays for it. Returns an outcome for each.
create or replace function agent_sync_private.push_apply(relid regclass, told name[], path text, look text, statements agent_sync_private.push_statements[], changes agent_sync_private.push_change[],
    numbers integer[]) returns agent_sync_private.push_outcome[]
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    code text;
    violated text;
    of_column text;
    of_table text;
    of_schema text;
    message text;
    context text;
    middle integer := cardinality(numbers) / 2;
begin
    for attempt in 1..2 loop
        begin
            return agent_sync_private.push_try(path, look, statements, changes, numbers);
        exception when others or assert_failure then
            get stacked diagnostics code = returned_sqlstate, violated = constraint_name, of_column = column_name, of_table = table_name,
                of_schema = schema_name, message = message_text, context = pg_exception_context;
            if agent_sync_private.push_must_fail(code, message, context) then
                raise;
            end if;
        end;
        -- Another transaction may have come between the look and the write: look once more.
        exit when violated <> '~refused' or cardinality(numbers) > 1;
    end loop;
    if cardinality(numbers) = 1 then
        return array[row('rejected', code, agent_sync_private.push_violated(relid, told, changes[numbers[1]], code, violated, of_schema, of_table, of_column),
            false)::agent_sync_private.push_outcome];
    end if;
    return agent_sync_private.push_apply(relid, told, path, look, statements, changes, numbers[:middle])
        || agent_sync_private.push_apply(relid, told, path, look, statements, changes, numbers[middle + 1:]);
end $$;

-- PostgreSQL checks a statement, and its privileges, also when it meets no row: what fails then is not a row's fault.
create or replace function agent_sync_private.push_probe(path text, statements agent_sync_private.push_statements[], changes agent_sync_private.push_change[],
    outcomes agent_sync_private.push_outcome[]) returns void
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    statement text;
begin
    perform set_config('search_path', path, true);
    for statement in
        select distinct (statements[(changes[o.ord]).statements]).write from unnest(outcomes) with ordinality as o (status, code, violated, wrote, ord) where left(o.code, 2) = '42'
    loop
        execute statement using '{}'::integer[], '{}'::json[], '{}'::text[], '{}'::json[];
    end loop;
end $$;

-- 4. Answer --------------------------------------------------------------------------------------

-- The rows under some keys as they are now, null where this user sees none. A key may be malformed, or a row unreadable.
create or replace function agent_sync_private.push_rows(path text, statement text, keys json[]) returns json[]
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    result json[];
    code text;
    message text;
    context text;
    middle integer := cardinality(keys) / 2;
begin
    perform set_config('search_path', path, true);
    begin
        execute statement into result using keys;
        return result;
    exception when others or assert_failure then
        get stacked diagnostics code = returned_sqlstate, message = message_text, context = pg_exception_context;
        if agent_sync_private.push_must_fail(code, message, context) then
            raise;
        end if;
    end;
    if cardinality(keys) = 1 then
        return array[null::json];
    end if;
    return agent_sync_private.push_rows(path, statement, keys[:middle]) || agent_sync_private.push_rows(path, statement, keys[middle + 1:]);
end $$;

create or replace function agent_sync_private.push_look_up(relid regclass, columns agent_sync_private.push_column[], key_columns name[], selected name[]) returns text
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select format('with k as materialized (select c.place, %s from pg_catalog.unnest($1::json[]) with ordinality as c (doc, place), pg_catalog.json_to_record(c.doc) as n (%s)) '
        'select pg_catalog.array_agg(case when t.%I is not null then (select pg_catalog.row_to_json(r.*) from (select %s) as r) end order by i.place) from k as i left join %s as t on %s',
        string_agg(format('n.%I as k%s', c.name, c.place), ', '), string_agg(c.definition, ', '), key_columns[1],
        agent_sync_private.column_list(selected, 't.'), relid, string_agg(format('t.%I = i.k%s', c.name, c.place), ' and '))
    from unnest(columns) as c where c.name = any (key_columns)
$$;

create or replace function agent_sync_private.push_answer(changes agent_sync_private.push_change[], outcomes agent_sync_private.push_outcome[], rows json[]) returns json
language sql stable set search_path = pg_catalog, pg_temp
as $$
    select json_build_object(
        'outcomes', coalesce(json_agg(case when o.status = 'rejected'
            then json_build_object('op', o.op, 'status', o.status, 'code', o.code, 'constraint', o.violated, 'row', o.place)
            else json_build_object('op', o.op, 'status', o.status, 'row', o.place) end order by o.ord), '[]'),
        'rows', coalesce(json_agg(o.content order by o.ord) filter (where o.content is not null), '[]'))
    from (
        select c.op, u.status, u.code, u.violated, u.ord, r.content,
            case when r.content is not null then count(r.content) over (order by u.ord) - 1 end as place
        from unnest(outcomes) with ordinality as u (status, code, violated, wrote, ord)
        join unnest(changes) with ordinality as c (op, kind, statements, key, base, content, ord) using (ord)
        join unnest(rows) with ordinality as r (content, ord) using (ord)) as o
$$;

create or replace function agent_sync_private.push_batch(batch json) returns json
language plpgsql volatile set search_path = pg_catalog, pg_temp
as $$
declare
    caller text := agent_sync_private.caller();
    stand_in text;
    request record;
    entry agent_sync_private.tables;
    columns agent_sync_private.push_column[];
    selected name[];
    changes agent_sync_private.push_change[];
    look text;
    statements agent_sync_private.push_statements[];
    claimed uuid[];
    outcomes agent_sync_private.push_outcome[];
    -- The numbers of changes that wait, and what became of them.
    todo integer[];
    tried agent_sync_private.push_outcome[];
    path text;
begin
    -- Read.
    select n.batch, n.stand_in into batch, stand_in from agent_sync_private.push_without_nul(batch) as n;
    request := agent_sync_private.push_request(batch);
    entry := agent_sync_private.push_table(request.wanted);
    columns := agent_sync_private.push_columns(entry.relid);
    select r.selected, r.look, r.changes, r.statements into selected, look, changes, statements
    from agent_sync_private.push_read(entry, columns, request.version, request.deleted, request.selected, request.groups) as r;
    path := (select quote_ident(n.nspname) || ', public, extensions, pg_temp' from pg_class as c
        join pg_namespace as n on n.oid = c.relnamespace where c.oid = entry.relid);

    -- Claim.
    claimed := agent_sync_private.push_claim(caller, changes);
    outcomes := array(
        select case
            when c.op <> all (claimed) then row('applied', null, null, false)::agent_sync_private.push_outcome
            when strpos(concat_ws(' ', c.key, c.base, c.content), stand_in) > 0 then row('rejected', '22P05', null, false)::agent_sync_private.push_outcome end
        from unnest(changes) with ordinality as c (op, kind, statements, key, base, content, ord) order by c.ord);
    todo := array(select o.ord from unnest(outcomes) with ordinality as o (status, code, violated, wrote, ord) where o.status is null order by o.ord);

    -- Apply. What refers to a row that is not there is tried again: that row may have come later in this very batch.
    for pass in 1..3 loop
        exit when todo = '{}';
        tried := agent_sync_private.push_apply(entry.relid, selected, path, look, statements, changes, todo);
        for n in 1..cardinality(todo) loop
            outcomes[todo[n]] := tried[n];
        end loop;
        exit when not exists (select from unnest(todo) as n where (outcomes[n]).wrote);
        todo := array(select n from unnest(todo) as n where (outcomes[n]).code = '23503' order by n);
    end loop;
    perform agent_sync_private.push_probe(path, statements, changes, outcomes),
        agent_sync_private.push_release(caller, changes, outcomes, claimed);

    -- Answer.
    return agent_sync_private.push_answer(changes, outcomes, agent_sync_private.push_rows(path,
        agent_sync_private.push_look_up(entry.relid, columns, entry.key_columns, selected),
        array(select c.key from unnest(changes) with ordinality as c (op, kind, statements, key, base, content, ord) order by c.ord)));
end $$;

-- Applies a batch of changes under the caller's own rights and answers with an outcome for each, in their order, as one
-- json value. A set would be cut by the API's max-rows.
create or replace function agent_sync.push(batch json) returns json
language plpgsql volatile security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    if not has_schema_privilege('agent_sync_private', 'USAGE') then
        raise exception 'agent_sync: role % may not use the kit', current_user using errcode = 'insufficient_privilege',
            hint = format('Call as the owner of the tables: select agent_sync.allow(%L);', current_user);
    end if;
    return agent_sync_private.push_batch(batch);
end $$;

-- What older versions called: version 1 before push had steps, and version 2 before it told columns.
drop function if exists agent_sync_private.columns_from(regclass, json), agent_sync_private.require_grants(regclass, text, name[]),
    agent_sync_private.group_statements(regclass, name[], text, name[], name, name),
    agent_sync_private.all_same(regclass, name[], text, text), agent_sync_private.key_match(name[], text, text),
    agent_sync_private.push_apply(text, text, agent_sync_private.push_statements[], agent_sync_private.push_change[], integer[]);

-- ---------------------------------------------------------------------------------------------------------------------
-- Who may what
-- ---------------------------------------------------------------------------------------------------------------------

-- Lets a role of the app's own use the kit, as authenticated may: EXECUTE on the functions alone is not enough.
create or replace function agent_sync.allow(role_name regrole) returns void
language plpgsql security invoker set search_path = pg_catalog, pg_temp
as $$
begin
    -- enable grants on the schemas too, and PostgreSQL refuses two at once.
    lock table agent_sync_private.tables in share row exclusive mode;
    perform agent_sync_private.admit(role_name::text);
end $$;

do $$
declare
    found_role name;
begin
    revoke all on schema agent_sync, agent_sync_private from public;
    revoke all on all functions in schema agent_sync, agent_sync_private from public;
    revoke all on agent_sync_private.tables, agent_sync_private.ledger from public;
    for found_role in select rolname from pg_roles where rolname in ('anon', 'authenticated', 'service_role') loop
        execute format('revoke all on all functions in schema agent_sync, agent_sync_private from %I', found_role);
        execute format('revoke all on agent_sync_private.tables, agent_sync_private.ledger from %I', found_role);
    end loop;
    -- Those of a hosted project that sign in, and whoever was allowed before.
    for found_role in
        select r.rolname from pg_roles as r
        where r.rolname in ('authenticated', 'service_role') or exists (
            select from pg_proc as p, aclexplode(p.proacl) as a
            where p.oid in ('agent_sync.push(json)'::regprocedure, 'agent_sync.horizon(jsonb)'::regprocedure) and a.grantee = r.oid and r.oid <> p.proowner)
    loop
        perform agent_sync_private.admit(quote_ident(found_role));
    end loop;
end $$;

-- An older version's triggers become this one's, and what only it had goes.
do $$
declare
    entry agent_sync_private.tables;
begin
    set local lock_timeout = '5s';
    perform agent_sync_private.forget_dropped();
    for entry in select * from agent_sync_private.tables as t where t.kit < agent_sync_private.kit_version() order by t.id loop
        perform agent_sync_private.refresh(entry);
    end loop;
    drop function if exists agent_sync.rebase(regclass), agent_sync_private.is_ahead(integer, bigint), agent_sync_private.kept_columns(regclass, name[], name[]);
    -- A copied schema may have triggers that call it still.
    if not exists (select from pg_trigger as t where t.tgfoid = to_regprocedure('agent_sync_private.stamp()')) then
        drop function if exists agent_sync_private.stamp();
    end if;
end $$;
