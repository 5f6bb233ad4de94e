// The loop as it is often written: everything after the last time seen, until a page is not full; edits as blind upserts.
import { LocalDatabase, selected } from './local-database.mjs';
import { connect, dataOf, readJob, report } from './peer.mjs';

const rowsPerRequest = 500;
const idsPerRequest = 100;
const job = readJob();
const client = connect(job);
const local = new LocalDatabase(job.file);
const table = () => client.from('artifacts');

report(job.verb === 'push' ? await push() : await pull());
local.close();

async function pull() {
  let count = 0;
  for (;;) {
    const query = table().select(selected).order('updated_at').limit(job.pageSize);
    const last = local.state('last');
    const rows = dataOf(await (last ? query.gt('updated_at', last) : query));
    if (rows.length > 0) local.apply(rows, { last: rows.at(-1).updated_at });
    count += rows.length;
    if (rows.length < job.pageSize) return count;
  }
}

async function push() {
  let count = 0;
  const edited = [...local.edited('new'), ...local.edited('changed')];
  for (let start = 0; start < edited.length; start += rowsPerRequest) {
    const batch = edited.slice(start, start + rowsPerRequest).map(({ version, ...row }) => row);
    const rows = dataOf(await table().upsert(batch).select('id,version,updated_at,owner_id'));
    local.sent(rows);
    count += rows.length;
  }

  const removed = local.edited('removed').map((row) => row.id);
  for (let start = 0; start < removed.length; start += idsPerRequest) {
    const ids = removed.slice(start, start + idsPerRequest);
    dataOf(await table().delete().in('id', ids));
    local.removed(ids);
    count += ids.length;
  }

  return count;
}
