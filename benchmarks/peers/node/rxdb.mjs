// RxDB with its Supabase plugin. Its free storage for Node is memory: one process stays, and is asked line by line on standard input.
import { createRxDatabase } from 'rxdb/plugins/core';
import { replicateSupabase } from 'rxdb/plugins/replication-supabase';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { randomUUID } from 'node:crypto';
import readline from 'node:readline';
import { connect, readJob, report } from './peer.mjs';

const job = readJob();
// The plugin quotes the names of columns, which PostgREST reads and the local server does not.
const client = connect(job, (url, options) => fetch(String(url).replaceAll('%22updated_at%22', 'updated_at').replaceAll('%22id%22', 'id'), options));
const text = { type: 'string' };
const database = await createRxDatabase({ name: 'benchmark', storage: getRxStorageMemory() });
const { artifacts } = await database.addCollections({
  artifacts: {
    schema: {
      version: 0,
      primaryKey: 'id',
      type: 'object',
      properties: { id: { ...text, maxLength: 36 }, type: text, name: text, content: text, metadata: text },
    },
  },
});

/** One replication in both directions, as documented, until nothing is left to do. Returns the documents that came or went. */
async function replicate(counted, pageSize = 1000) {
  const documents = { pull: new Set(), push: new Set() };
  const modifier = (direction) => (document) => { documents[direction].add(document.id); return forTable(document); };
  const replication = replicateSupabase({
    tableName: 'artifacts_rxdb', modifiedField: 'updated_at', client, collection: artifacts, replicationIdentifier: 'benchmark', live: false, waitForLeadership: false,
    pull: { batchSize: pageSize, modifier: modifier('pull') },
    push: { batchSize: 500, modifier: modifier('push') },
  });
  // It would try again for ever.
  const failed = new Promise((_, reject) => replication.error$.subscribe(reject));
  await Promise.race([replication.awaitInitialReplication(), failed]);
  await replication.cancel();
  return documents[counted].size;
}

/** The server's own columns stay there, and null is no value of a schema's text. */
function forTable({ version, owner_id: owner, ...document }) {
  if (document.content === null) delete document.content;
  return document;
}

const someNew = (limit) => artifacts.find({ selector: { name: { $regex: '^New ' } }, limit }).exec();

const verbs = {
  pull: ({ pageSize }) => replicate('pull', pageSize),
  push: () => replicate('push'),
  async 'edit-insert'({ count }) {
    const row = () => ({ id: randomUUID(), type: 'report', name: `New ${randomUUID()}`, content: 'words '.repeat(167).trim(), metadata: 'tags: a, b; plain' });
    await artifacts.bulkInsert(Array.from({ length: count }, row));
    return count;
  },
  async 'edit-update'({ count }) {
    const documents = await someNew(count);
    await artifacts.bulkUpsert(documents.map((document) => ({ ...document.toJSON(), name: `${document.name} changed` })));
    return documents.length;
  },
  async 'edit-delete'({ count }) {
    const documents = await someNew(count);
    await artifacts.bulkRemove(documents.map((document) => document.id));
    return documents.length;
  },
};

for await (const line of readline.createInterface({ input: process.stdin })) {
  const question = JSON.parse(line);
  if (question.verb === 'names') console.log(JSON.stringify((await artifacts.find().exec()).map(({ id, name }) => [id, name])));
  else report(await verbs[question.verb](question));
}
process.exit(0);
