// What the peers on Node share: how they are asked, and what they say about themselves when they are done.
import fs from 'node:fs';
import { createClient } from '@supabase/supabase-js';

/** Returns the verb and the job: the verb is the first argument, the second names a file with the rest. */
export function readJob() {
  const [verb, file] = process.argv.slice(2);
  return { verb, ...JSON.parse(fs.readFileSync(file, 'utf8')) };
}

/** The kernel's own highest resident size of this program; what getrusage says includes the parent's. */
export function peakBytes() {
  return Number(/^VmHWM:\s+(\d+)/m.exec(fs.readFileSync('/proc/self/status', 'utf8'))[1]) * 1024;
}

/** Writes the one line that the suite reads. */
export function report(rows) {
  console.log(JSON.stringify({ rows, peakBytes: peakBytes() }));
}

/** Returns what a call of supabase-js answered; throws its error. */
export function dataOf({ data, error }) {
  if (error) throw new Error(`${error.code}: ${error.message}`);
  return data;
}

/** Returns a client with the user's token. */
export function connect(job, send = fetch) {
  // Node 20 has no WebSocket, without which the client is not made; nothing of it is used.
  const transport = globalThis.WebSocket ?? class {};
  return createClient(job.url, job.apiKey, { accessToken: async () => job.token, realtime: { transport }, global: { fetch: send } });
}
