const number = (options, name, fallback, min, max) => {
  const value = options[name] ?? fallback;
  if (!Number.isInteger(value) || value < min || value > max) throw new Error(`${name} must be a whole number from ${min} to ${max}`);
  return value;
};
const quote = text => `'${String(text).replaceAll("'", "''")}'`;

/** Signs the users up (or in, when they exist) and gives each the same artifacts. Keys depend on e-mail and index only. */
export async function seed({ url, publishableKey, sql }, options) {
  const rows = number(options, 'rows', 10_000, 0, 20_000_000);
  const first = number(options, 'firstIndex', 1, 1, 1_000_000_000);
  const projects = number(options, 'projects', 10, 0, 100_000);
  const content = number(options, 'contentBytes', 1000, 0, 1_000_000);
  const spread = number(options, 'spreadSeconds', 30 * 86_400, 0, 3_000_000_000);
  const newest = number(options, 'newestSecondsAgo', 3600, -3_000_000_000, 3_000_000_000);
  const deletedEvery = number(options, 'deletedEvery', 0, 0, 1_000_000_000);
  const step = options.stepMicroseconds === undefined ? null : number(options, 'stepMicroseconds', 1, 0, 1_000_000_000);
  const same = options.sameTimestamp;
  const users = options.users ?? ['ada@example.test', 'bob@example.test'];
  const password = options.password ?? 'correct-horse-battery';
  if (!Array.isArray(users) || users.length === 0) throw new Error('users must hold at least one e-mail address');
  if (same !== undefined && typeof same !== 'boolean' && typeof same !== 'string') throw new Error('sameTimestamp must be true or a timestamp');

  const ids = await Promise.all(users.map(email => signUpOrIn(url, publishableKey, email, password)));
  const owners = users.map((email, index) => `(${quote(email)}, ${quote(ids[index])}::uuid)`).join(', ');

  // Row i of n lies between "spread + newest" and "newest" seconds ago, a few microseconds off the even grid.
  const end = typeof same === 'string' ? `${quote(same)}::timestamptz` : `now() - make_interval(secs => ${newest})`;
  const stamp = same !== undefined && same !== false ? end
    : step !== null ? `(${end}) - interval '1 microsecond' * (${step}::bigint * (${first + rows - 1} - i))`
      : `(${end}) - interval '1 microsecond' * (((${first + rows - 1} - i)::double precision * ${spread} / ${Math.max(rows, 1)} * 1000000)::bigint + (i * 7919) % 1000)`;

  // The triggers would stamp every row with now(); replica mode leaves the stamps as they are written.
  await sql(`begin;
set local session_replication_role = replica;
insert into public.projects (id, owner_id, name, version, updated_at)
select md5(u.email || ':project:' || p)::uuid, u.id, 'Project ' || p, 1, now() - make_interval(secs => ${spread} + greatest(${newest}, 0)) + interval '1 second' * p
from (values ${owners}) as u (email, id), generate_series(1, ${projects}) as p
on conflict (id) do nothing;
insert into public.artifacts (id, project_id, type, name, content, metadata, size, price, score, is_public, version, owner_id, updated_at, deleted_at)
select md5(u.email || ':artifact:' || i)::uuid,
  ${projects === 0 ? 'null' : `case when i % 5 = 0 then null else md5(u.email || ':project:' || (1 + i % ${projects}))::uuid end`},
  (array['document', 'image', 'code', 'note'])[1 + i % 4],
  'Artifact ' || lpad(i::text, 7, '0'),
  case when i % 50 = 0 then null else left(repeat(md5(i::text), ${Math.ceil(content / 32)}), ${content}) end,
  jsonb_build_object('index', i, 'tags', jsonb_build_array('t' || i % 10, 't' || i % 7)),
  case when i % 1000 = 0 then 9007199254740993 + i when i % 11 = 0 then null else i::bigint * 37 end,
  case when i % 7 = 0 then null else round(i * 1.37, 2) end,
  case when i % 13 = 0 then null else i / 3.0::double precision end,
  i % 3 = 0, 1, u.id, s.stamp,
  ${deletedEvery === 0 ? 'null' : `case when i % ${deletedEvery} = 0 then s.stamp end`}
from (values ${owners}) as u (email, id), generate_series(${first}, ${first + rows - 1}) as i,
  lateral (select ${stamp} as stamp) as s
on conflict (id) do nothing;
commit;`);
  await sql('analyze public.projects, public.artifacts');
  const counts = await sql(`select u.id::text as id, (select count(*) from public.artifacts a where a.owner_id = u.id)::int as artifacts,
  (select count(*) from public.projects p where p.owner_id = u.id)::int as projects from (values ${owners}) as u (email, id)`);
  const byId = new Map(counts.map(row => [row.id, row]));
  return {
    users: users.map((email, index) => ({ email, id: ids[index], artifacts: byId.get(ids[index]).artifacts, projects: byId.get(ids[index]).projects })),
    artifacts: counts.reduce((sum, row) => sum + row.artifacts, 0),
  };
}

async function signUpOrIn(url, key, email, password) {
  const post = async path => {
    const response = await fetch(`${url}/auth/v1/${path}`, {
      method: 'POST',
      headers: { apikey: key, 'content-type': 'application/json' },
      body: JSON.stringify({ email, password }),
    });
    const body = await response.json();
    return { ok: response.ok, status: response.status, id: body.user?.id ?? body.id };
  };
  const created = await post('signup');
  if (created.ok && created.id) return created.id;
  const existing = await post('token?grant_type=password');
  if (existing.ok && existing.id) return existing.id;
  throw new Error(`cannot sign ${email} up (${created.status}) or in (${existing.status})`);
}
