import { fork } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { setTimeout as delay } from 'node:timers/promises';

const script = fileURLToPath(new URL('./api.mjs', import.meta.url));

/** The supervisor's side of api.mjs: one process, its requests and its end. */
export class ApiProcess {
  #child; #pending = new Map(); #next = 1; #log = ''; #stopping = false;

  constructor({ verbose, onExit }) {
    this.#child = fork(script, [], {
      // A number's own digits, which JSON.parse gives its reviver, are behind a flag in Node 20 only; JSON.rawJSON came with them.
      execArgv: ['--max-http-header-size=65536', ...(JSON.rawJSON ? [] : ['--harmony-json-parse-with-source'])],
      env: { ...process.env, LITE_TELEMETRY: '0', DO_NOT_TRACK: '1', NODE_OPTIONS: '' },
      stdio: ['ignore', 'pipe', 'pipe', 'ipc'],
      detached: true,
    });
    for (const stream of [this.#child.stdout, this.#child.stderr]) {
      stream.setEncoding('utf8');
      stream.on('data', text => {
        this.#log = (this.#log + text).slice(-4000);
        if (verbose) process.stderr.write(text);
      });
    }
    this.#child.on('message', message => {
      const pending = this.#pending.get(message.id);
      this.#pending.delete(message.id);
      if (message.ok) pending?.resolve(message);
      else pending?.reject(Object.assign(new Error(message.error), { code: message.code }));
    });
    this.ended = new Promise(resolve => {
      const end = (code, signal) => {
        this.hasEnded = true;
        for (const { reject } of this.#pending.values()) reject(new Error(`the API process ended (${signal ?? code}): ${this.tail}`));
        this.#pending.clear();
        if (!this.#stopping) onExit({ code, signal });
        resolve();
      };
      this.#child.once('error', error => end(error.message, null));
      this.#child.once('exit', end);
    });
  }

  hasEnded = false;
  get pid() { return this.#child.pid; }
  get tail() { return this.#log.trim().split('\n').slice(-8).join(' | '); }

  request(type, content = {}) {
    return new Promise((resolve, reject) => {
      if (this.hasEnded) { reject(new Error('the API is not running')); return; }
      const id = this.#next++;
      this.#pending.set(id, { resolve, reject });
      this.#child.send({ ...content, type, id }, error => { if (error) { this.#pending.delete(id); reject(error); } });
    });
  }

  async stop() {
    this.#stopping = true;
    if (this.hasEnded) return;
    this.#child.kill('SIGKILL');
    await Promise.race([this.ended, delay(5_000, undefined, { ref: false })]);
  }
}
