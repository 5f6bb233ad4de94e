import { spawn } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import fs from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import { ApiProcess } from './api-process.mjs';
import { freePort } from './ports.mjs';
import { PostgresServer, findPostgres } from './postgres-server.mjs';
import { seed } from './seed.mjs';
import { Sessions } from './sessions.mjs';

/** Starts, commands and stops everything that one local backend consists of. */
export class Supervisor {
  #options; #notify; #dir = null; #temporary = false; #secrets; #postgres = null; #sessions = null;
  #api = null; #port; #reaper = null; #stopping = null; #listening = false;

  constructor(options, notify) {
    this.#options = options;
    this.#notify = notify;
  }

  get #url() { return `http://127.0.0.1:${this.#port}`; }

  async start() {
    const bin = this.#options.pglite ? null : findPostgres();
    if (!bin && this.#options.requirePostgres) {
      throw new Error('PostgreSQL 15 or newer was not found: install it (Debian: apt-get install postgresql) or set PGBIN');
    }
    if (!bin && !this.#options.pglite) {
      console.error('PostgreSQL was not found: using PGlite (one session, slower to start).');
    }
    this.#startReaper();
    this.#prepareFolder(bin !== null);
    this.#port = this.#options.port ?? await freePort();
    this.#spawnApi();
    if (bin) {
      this.#postgres = new PostgresServer({ bin, dir: this.#dir, durable: this.#options.durable, password: this.#secrets.databasePassword });
      await this.#postgres.initialize();
      this.#refuseWhenStopping();
      await this.#startPostgres();
    }
    await this.#startApi();
    this.#refuseWhenStopping();
    return {
      url: this.#url,
      publishableKey: this.#secrets.publishableKey,
      secretKey: this.#secrets.secretKey,
      jwtSecret: this.#secrets.jwtSecret,
      databaseUrl: this.#postgres?.url ?? null,
      mode: this.#postgres ? 'postgresql' : 'pglite',
      pid: process.pid,
    };
  }

  async execute(command) {
    switch (command.command) {
      case 'seed':
        return await seed({ url: this.#url, publishableKey: this.#secrets.publishableKey, sql: text => this.#sql(text) }, command);
      case 'sql':
        return { rows: await this.#sql(command.text, command.session) };
      case 'close-session':
        await this.#sessions?.close(command.session);
        return {};
      case 'restart':
        await this.#stopApi();
        return await this.#startApi();
      case 'stop-api':
        await this.#stopApi();
        return {};
      case 'start-api':
        return await this.#startApi();
      case 'stop-database':
        this.#needPostgres(command.command);
        await this.#sessions.end();
        await this.#postgres.stop(command.crash ? 'SIGKILL' : 'SIGINT');
        this.#reaper?.stdin.write('pg\n');
        return {};
      case 'start-database':
        this.#needPostgres(command.command);
        await this.#startPostgres();
        return {};
      default:
        throw new Error(`unknown command: ${command.command}`);
    }
  }

  stop() {
    this.#stopping ??= this.#stopAll();
    return this.#stopping;
  }

  async #stopAll() {
    await this.#api?.stop();
    await this.#sessions?.end();
    // A checkpoint is wasted on data that is thrown away.
    await this.#postgres?.stop(this.#temporary ? 'SIGQUIT' : 'SIGINT');
    if (this.#temporary) fs.rmSync(this.#dir, { recursive: true, force: true, maxRetries: 5 });
    this.#reaper?.stdin.end('done\n');
  }

  #refuseWhenStopping() {
    if (this.#stopping) throw new Error('stopping');
  }

  #needPostgres(command) {
    if (!this.#postgres) throw new Error(`${command} needs PostgreSQL; this is PGlite`);
  }

  async #startPostgres() {
    await this.#postgres.start(pid => this.#reaper?.stdin.write(`lock ${this.#postgres.lockFile}\npg ${pid}\n`));
    this.#sessions = new Sessions(this.#postgres.url);
  }

  async #sql(text, session) {
    if (typeof text !== 'string') throw new Error('text must be SQL');
    if (this.#sessions) return await this.#sessions.execute(text, session);
    if (session) throw new Error('sessions need PostgreSQL; PGlite has one session only');
    return (await this.#api.request('sql', { text })).rows;
  }

  #spawnApi() {
    this.#refuseWhenStopping();
    this.#api = new ApiProcess({
      verbose: this.#options.verbose,
      onExit: ({ code, signal }) => {
        this.#listening = false;
        this.#reaper?.stdin.write('api\n');
        if (!this.#stopping) this.#notify({ event: 'api-exited', code, signal });
      },
    });
    this.#reaper?.stdin.write(`api ${this.#api.pid}\n`);
  }

  async #startApi() {
    if (this.#listening) return { url: this.#url };
    // In PGlite mode the database lives in that process: only its HTTP side comes and goes.
    const reopen = !this.#postgres && this.#api.started && !this.#api.hasEnded;
    if (!reopen) {
      if (this.#api.hasEnded || this.#api.started) this.#spawnApi();
      this.#api.started = true;
      await this.#api.request('start', {
        settings: {
          port: this.#port,
          databaseUrl: this.#postgres?.url ?? null,
          dataDir: this.#postgres || this.#temporary ? undefined : path.join(this.#dir, 'pglite'),
          maxRows: this.#options.maxRows,
          jwtExpiry: this.#options.jwtExpiry,
          statementTimeout: this.#options.statementTimeout,
          kit: this.#options.kit,
          jwtSecret: this.#secrets.jwtSecret,
          publishableKey: this.#secrets.publishableKey,
          secretKey: this.#secrets.secretKey,
        },
      });
    } else {
      await this.#api.request('open');
    }
    this.#listening = true;
    return { url: this.#url };
  }

  async #stopApi() {
    if (this.#postgres) {
      await this.#api.stop();
      this.#reaper?.stdin.write('api\n');
    } else if (this.#listening) {
      await this.#api.request('close');
    }
    this.#listening = false;
  }

  #prepareFolder(needed) {
    if (this.#options.data) {
      this.#dir = path.resolve(this.#options.data);
      fs.mkdirSync(this.#dir, { recursive: true, mode: 0o700 });
      const file = path.join(this.#dir, 'backend.json');
      if (!fs.existsSync(file)) fs.writeFileSync(file, JSON.stringify(newSecrets()), { mode: 0o600 });
      this.#secrets = JSON.parse(fs.readFileSync(file, 'utf8'));
      return;
    }
    this.#secrets = newSecrets();
    this.#temporary = true;
    if (needed) {
      this.#dir = fs.mkdtempSync(path.join(os.tmpdir(), 'local-backend-'));
      this.#reaper?.stdin.write(`dir ${this.#dir}\n`);
    } else {
      this.#dir = path.join(os.tmpdir(), `local-backend-none-${process.pid}`);
    }
  }

  #startReaper() {
    if (process.platform === 'win32') return;
    const script = fileURLToPath(new URL('./reaper.sh', import.meta.url));
    this.#reaper = spawn('/bin/sh', [script], { detached: true, cwd: '/', stdio: ['pipe', 'ignore', 'ignore'] });
    this.#reaper.stdin.on('error', () => {});
    this.#reaper.unref();
  }
}

function newSecrets() {
  const random = () => randomBytes(16).toString('hex');
  return {
    publishableKey: `sb_publishable_${random()}`,
    secretKey: `sb_secret_${random()}`,
    jwtSecret: random() + random(),
    databasePassword: random(),
  };
}
