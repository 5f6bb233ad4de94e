// The loop that a careful developer writes with supabase-js: keyset pages, rows and position in one transaction, resumable, edits checked by version.
import { LocalDatabase, selected } from './local-database.mjs';
import { connect, dataOf, readJob, report } from './peer.mjs';

const rowsPerRequest = 500;
const requestsInFlight = 4;
const job = readJob();
const client = connect(job);
const local = new LocalDatabase(job.file);
const table = () => client.from('artifacts');

report(job.verb === 'push' ? await push() : await pull());
local.close();

async function pull() {
  return local.state('mark') && !local.state('backfill') ? await delta() : await backfill() + await delta();
}

/** Every row by its key; the delta begins at the newest change that was there before. */
async function backfill() {
  if (!local.state('mark')) {
    const newest = dataOf(await table().select('updated_at').order('updated_at', { ascending: false }).limit(1));
    local.apply([], { mark: newest[0]?.updated_at ?? '-infinity', markId: '00000000-0000-0000-0000-000000000000', backfill: '00000000-0000-0000-0000-000000000000' });
  }

  let count = 0;
  for (;;) {
    const rows = dataOf(await table().select(selected).gt('id', local.state('backfill')).order('id').limit(job.pageSize));
    local.apply(rows, { backfill: rows.at(-1)?.id ?? '' });
    if (rows.length === 0) return count;
    count += rows.length;
  }
}

/** What changed after the last row seen, by time and key. */
async function delta() {
  let count = 0;
  for (;;) {
    const [mark, id] = [local.state('mark'), local.state('markId')];
    const rows = dataOf(await table().select(selected).or(`updated_at.gt."${mark}",and(updated_at.eq."${mark}",id.gt.${id})`)
      .order('updated_at').order('id').limit(job.pageSize));
    if (rows.length === 0) return count;
    local.apply(rows, { mark: rows.at(-1).updated_at, markId: rows.at(-1).id });
    count += rows.length;
  }
}

async function push() {
  const answered = 'id,version,updated_at,owner_id';
  let count = 0;
  const added = local.edited('new');
  for (let start = 0; start < added.length; start += rowsPerRequest) {
    const batch = added.slice(start, start + rowsPerRequest).map(({ version, ...row }) => row);
    const rows = dataOf(await table().insert(batch).select(answered));
    local.sent(rows);
    count += rows.length;
  }

  // One row each: only so does a filter on the version keep another device's edit from being overwritten.
  await each(local.edited('changed'), async ({ id, version, ...row }) => {
    const rows = dataOf(await table().update(row).eq('id', id).eq('version', version).select(answered));
    local.sent(rows);
    count += rows.length;
  });
  await each(local.edited('removed'), async ({ id, version }) => {
    const rows = dataOf(await table().delete().eq('id', id).eq('version', version).select('id'));
    local.removed(rows.map((row) => row.id));
    count += rows.length;
  });
  return count;
}

async function each(rows, send) {
  const waiting = rows.values();
  await Promise.all(Array.from({ length: requestsInFlight }, async () => { for (const row of waiting) await send(row); }));
}
