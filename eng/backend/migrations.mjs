import fs from 'node:fs';
import path from 'node:path';
import { fileURLToPath } from 'node:url';

const folder = fileURLToPath(new URL('../../supabase/migrations/', import.meta.url));

// What a hosted project has before its first migration. auth.uid() and the auth tables come from the server itself.
const platform = `
do $$
declare r text;
begin
  foreach r in array array['anon', 'authenticated', 'service_role'] loop
    if not exists (select 1 from pg_roles where rolname = r) then execute format('create role %I nologin', r); end if;
  end loop;
end $$;
alter role service_role bypassrls;
create schema if not exists auth;
create schema if not exists supabase_migrations;
create table if not exists supabase_migrations.schema_migrations (version text primary key, statements text[], name text);
grant usage on schema public, auth to anon, authenticated, service_role;
revoke create on schema public from public;`;

/** Roles, schemas and grants that migrations may rely on. */
export async function preparePlatform(exec) {
  await exec(platform);
}

/** Applies the files of supabase/migrations that the database does not know yet, each in one transaction. Without the kit, not its own. */
export async function applyMigrations(exec, kit) {
  const known = new Set((await exec('select version from supabase_migrations.schema_migrations')).map(row => row.version));
  const files = fs.readdirSync(folder).filter(name => /^\d{14}_.+\.sql$/.test(name)).sort();
  for (const file of files) {
    const [version] = file.split('_', 1);
    if (known.has(version) || (!kit && /^\d{14}_agent_sync_/.test(file))) continue;
    const name = file.slice(version.length + 1, -'.sql'.length).replaceAll("'", "''");
    const text = fs.readFileSync(path.join(folder, file), 'utf8');
    try {
      await exec(`begin;\n${text}\n;insert into supabase_migrations.schema_migrations (version, name) values ('${version}', '${name}'); commit;`);
    } catch (error) {
      throw new Error(`migration ${file} failed: ${error.message}`, { cause: error });
    }
  }
}
