#!/usr/bin/env node
// Supervises the local backend: PostgreSQL (or PGlite) and the API in front of it. One line of JSON on stdout when it
// is ready, one line per answered command; commands are lines of JSON on stdin. Ends, and leaves nothing behind, when
// stdin closes. See README.md in this folder.
import readline from 'node:readline';
import { Supervisor } from './supervisor.mjs';
import { readOptions, usage } from './options.mjs';

const write = message => process.stdout.write(JSON.stringify(message) + '\n');
// A reader that went away is no reason to leave PostgreSQL running.
for (const stream of [process.stdout, process.stderr]) stream.on('error', () => {});

if (Number(process.versions.node.split('.')[0]) < 20) {
  console.error(`Node.js 20 or newer is needed; this is ${process.version}.`);
  process.exit(2);
}

let options;
try {
  options = readOptions(process.argv.slice(2));
} catch (error) {
  console.error(`${error.message}\n\n${usage}`);
  process.exit(2);
}
if (options.help) {
  console.log(usage);
  process.exit(0);
}

const supervisor = new Supervisor(options, write);
let ending = null;
function end(code) {
  ending ??= supervisor.stop().then(
    () => process.exit(code),
    error => { console.error(error.message); process.exit(1); });
  return ending;
}

for (const signal of ['SIGTERM', 'SIGHUP', 'SIGINT']) {
  process.on(signal, () => { if (!(signal === 'SIGINT' && options.ignoreSigint)) void end(0); });
}
process.on('uncaughtException', error => { console.error(error); void end(1); });

const started = supervisor.start();
const lines = readline.createInterface({ input: process.stdin, crlfDelay: Infinity, terminal: false });
lines.on('close', () => void end(0));
lines.on('line', async line => {
  if (line.trim() === '') return;
  let id = null;
  try {
    const command = JSON.parse(line);
    id = command.id ?? null;
    await started;
    if (command.command === 'stop') {
      await supervisor.stop();
      write({ id, ok: true });
      await end(0);
      return;
    }
    const result = await supervisor.execute(command);
    write({ id, ok: true, ...result });
  } catch (error) {
    write({ id, ok: false, error: error.message, ...(error.code ? { code: error.code } : {}) });
  }
});

try {
  write({ event: 'ready', ...await started });
} catch (error) {
  if (!ending) {
    write({ event: 'failed', error: error.message });
    console.error(error.message);
    await end(1);
  }
}
