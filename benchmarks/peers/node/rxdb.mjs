// RxDB with its Supabase plugin. Its free storage for Node is memory: one process stays, and is asked line by line on standard input.
import { createRxDatabase } from 'rxdb/plugins/core';
import { replicateSupabase } from 'rxdb/plugins/replication-supabase';
import { getRxStorageMemory } from 'rxdb/plugins/storage-memory';
import { randomUUID } from 'node:crypto';
import readline from 'node:readline';
import { connect, readJob, report } from './peer.mjs';

const job = readJob();
const client = connect(job);
const text = { type: 'string' };
const database = await createRxDatabase({ name: 'benchmark', storage: getRxStorageMemory() });
const { artifacts } = await database.addCollections({
  artifacts: {
    schema: {
      version: 0,
      primaryKey: 'id',
      type: 'object',
      properties: { id: { ...text, maxLength: 36 }, type: text, name: text, content: text, metadata: { type: 'object' }, version: { type: 'integer' }, owner_id: text },
    },
  },
});

/** One replication until nothing is left to do in a direction. */
async function replicate(direction, options) {
  let rows = 0;
  const replication = replicateSupabase({
    tableName: 'artifacts_rxdb', client, collection: artifacts, replicationIdentifier: 'benchmark', live: false, waitForLeadership: false,
    [direction]: { ...options, modifier: (document) => { rows++; return forTable(direction, document); } },
  });
  let failure = null;
  replication.error$.subscribe((error) => { failure ??= error; void replication.cancel(); });
  await replication.awaitInitialReplication();
  await replication.cancel();
  if (failure) throw failure;
  return rows;
}

/** Null is no value of a schema's text, and the columns that the server owns are not sent. */
function forTable(direction, { version, owner_id: owner, ...document }) {
  if (direction === 'push') return document;
  if (document.content === null) delete document.content;
  return { ...document, version, owner_id: owner };
}

const someNew = (limit) => artifacts.find({ selector: { name: { $regex: '^New ' } }, limit }).exec();

const verbs = {
  pull: ({ pageSize }) => replicate('pull', { batchSize: pageSize }),
  push: () => replicate('push', { batchSize: 500 }),
  async 'edit-insert'({ count }) {
    const row = () => ({ id: randomUUID(), type: 'report', name: `New ${randomUUID()}`, content: 'words '.repeat(167), metadata: { tags: ['a', 'b'], note: 'plain' } });
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
