import { execFileSync, spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import path from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { freePort } from './ports.mjs';

/** The folder of initdb and postgres: PGBIN, else the newest Debian package, else PATH; null when there is none. */
export function findPostgres() {
  const fits = dir => ['initdb', 'postgres'].every(name => isExecutable(path.join(dir, name)));
  if (process.env.PGBIN) {
    if (!fits(process.env.PGBIN)) throw new Error('PGBIN names a folder without initdb and postgres');
    return process.env.PGBIN;
  }
  const root = '/usr/lib/postgresql';
  const versions = fs.existsSync(root) ? fs.readdirSync(root).sort((a, b) => Number(b) - Number(a)) : [];
  const candidates = versions.map(version => path.join(root, version, 'bin'));
  candidates.push(...(process.env.PATH ?? '').split(path.delimiter).filter(Boolean).map(dir => {
    // A PATH entry may hold symbolic links only; postgres finds its share folder next to the real file.
    try { return path.dirname(fs.realpathSync(path.join(dir, executable('postgres')))); } catch { return dir; }
  }));
  return candidates.find(fits) ?? null;
}

const executable = name => (process.platform === 'win32' ? `${name}.exe` : name);

function isExecutable(file) {
  try { fs.accessSync(executable(file), fs.constants.X_OK); return true; } catch { return false; }
}

/** A private PostgreSQL on a loopback port. PostgreSQL refuses to run as root, so root runs it as user postgres. */
export class PostgresServer {
  #bin; #dir; #durable; #identity; #process = null; #port = 0; #password;

  constructor({ bin, dir, durable, password }) {
    this.#bin = bin;
    this.#dir = dir;
    this.#durable = durable;
    this.#password = password ?? randomBytes(16).toString('hex');
    this.#identity = process.getuid?.() === 0 ? postgresUser() : {};
  }

  get pid() { return this.#process?.pid; }
  get password() { return this.#password; }
  get port() { return this.#port; }
  get url() { return `postgres://postgres:${this.#password}@127.0.0.1:${this.#port}/postgres`; }
  get lockFile() { return path.join(this.#data, 'postmaster.pid'); }
  get #data() { return path.join(this.#dir, 'data'); }
  get #log() { return path.join(this.#dir, 'postgresql.log'); }

  async initialize() {
    if (this.#identity.uid !== undefined) fs.chownSync(this.#dir, this.#identity.uid, this.#identity.gid);
    if (fs.existsSync(path.join(this.#data, 'PG_VERSION'))) return;
    const secret = path.join(this.#dir, 'password');
    fs.writeFileSync(secret, this.#password, { mode: 0o600 });
    if (this.#identity.uid !== undefined) fs.chownSync(secret, this.#identity.uid, this.#identity.gid);
    try {
      await this.#run('initdb', ['-D', this.#data, '-U', 'postgres', '-A', 'scram-sha-256', `--pwfile=${secret}`,
        '--no-sync', '--no-locale', '-E', 'UTF8']);
    } finally {
      fs.rmSync(secret, { force: true });
    }
  }

  /** @param onLaunch told the process id as soon as there is one */
  async start(onLaunch) {
    for (let attempt = 1; ; attempt++) {
      this.#port ||= await freePort();
      try {
        await this.#launch(onLaunch);
        return;
      } catch (error) {
        // Another process may take the port between the look and the start.
        if (attempt === 3 || !/could not bind|Address already in use/i.test(error.message)) throw error;
        this.#port = 0;
      }
    }
  }

  async #launch(onLaunch) {
    const durable = this.#durable ? 'on' : 'off';
    const settings = {
      listen_addresses: '127.0.0.1',
      port: this.#port,
      unix_socket_directories: '',
      max_connections: 100,
      shared_buffers: '128MB',
      max_wal_size: '2GB',
      fsync: durable,
      synchronous_commit: durable,
      full_page_writes: durable,
      max_prepared_transactions: 4,
      jit: 'off',
      timezone: 'UTC',
      log_timezone: 'UTC',
      log_statement: 'none',
      log_min_error_statement: 'panic',
    };
    const log = fs.openSync(this.#log, 'a');
    const from = fs.fstatSync(log).size;
    const child = spawn(path.join(this.#bin, executable('postgres')),
      ['-D', this.#data, ...Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`])],
      // A session of its own: Ctrl+C in the terminal is not PostgreSQL's business.
      { ...this.#identity, cwd: this.#dir, detached: true, stdio: ['ignore', log, log] });
    fs.closeSync(log);
    const ended = new Promise(resolve => {
      child.once('error', error => resolve(error.message));
      child.once('exit', (code, signal) => resolve(`exit ${signal ?? code}`));
    });
    let outcome = null;
    void ended.then(value => { outcome = value; if (this.#process === child) this.#process = null; });
    this.#process = child;
    if (child.pid) onLaunch(child.pid);
    this.ended = ended;
    for (let waited = 0; ; waited += 10) {
      if (outcome !== null) throw new Error(`PostgreSQL did not start (${outcome}): ${this.#tail(from)}`);
      try {
        const lines = fs.readFileSync(this.lockFile, 'utf8').split('\n');
        if (Number(lines[0]) === child.pid && lines[7]?.trim() === 'ready') return;
      } catch { /* not written yet */ }
      if (waited > 60_000) throw new Error(`PostgreSQL was not ready within 60 s: ${this.#tail(from)}`);
      await delay(10);
    }
  }

  /** @param signal SIGINT (orderly), SIGQUIT (no checkpoint; recovery at the next start) or SIGKILL */
  async stop(signal) {
    const child = this.#process;
    if (!child) return;
    child.kill(signal);
    for (const [next, ms] of [['SIGQUIT', 10_000], ['SIGKILL', 3_000]]) {
      if (await Promise.race([this.ended.then(() => true), delay(ms, false, { ref: false })])) return;
      child.kill(next);
    }
    await this.ended;
  }

  #tail(from) {
    try { return fs.readFileSync(this.#log).subarray(from).toString('utf8').trim().split('\n').slice(-5).join(' | '); } catch { return 'no log'; }
  }

  #run(program, args) {
    return new Promise((resolve, reject) => {
      const child = spawn(path.join(this.#bin, executable(program)), args,
        { ...this.#identity, cwd: this.#dir, stdio: ['ignore', 'ignore', 'pipe'], detached: true });
      let errors = '';
      child.stderr.on('data', data => { errors += data; });
      child.once('error', reject);
      child.once('close', code => code === 0 ? resolve() : reject(new Error(`${program} failed (${code}): ${errors.trim().slice(-500)}`)));
    });
  }
}

function postgresUser() {
  try {
    const id = option => Number(execFileSync('id', [option, 'postgres'], { encoding: 'utf8', stdio: ['ignore', 'pipe', 'ignore'] }));
    return { uid: id('-u'), gid: id('-g') };
  } catch {
    throw new Error('PostgreSQL refuses to run as root and there is no user postgres to run it as');
  }
}
