// The process that serves HTTP. It is apart from the supervisor because it ends when PostgreSQL drops a query in
// flight. It starts when the supervisor sends { type: 'start' }, and it ends when the supervisor is gone.
import { AsyncLocalStorage } from 'node:async_hooks';
import { serve } from '@hono/node-server';
import { App } from '@supabase/lite';
import { Auth } from './auth.mjs';
import { applyMigrations, preparePlatform } from './migrations.mjs';
import { databaseDown, translateError } from './errors.mjs';
import { answerOpenApi } from './openapi.mjs';
import { executeReserved } from './sessions.mjs';
import { int8, json, jsonArgument, number, oid, plainInt8, timestamp, timestamptz, writeExactNumbers } from './values.mjs';

writeExactNumbers();
process.on('disconnect', () => process.exit(0));
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) process.on(signal, () => {});

let settings;
let connection;
let exec;
let app;
let auth;
let server;
const request = new AsyncLocalStorage();

// PGlite is one session: requests that overlapped would run inside each other's transaction, with each other's role.
let queue = Promise.resolve();
const exclusive = work => {
  const result = queue.then(work);
  queue = result.catch(() => {});
  return result;
};

const handlers = {
  async start(message) {
    settings = message.settings;
    await connect();
    await preparePlatform(exec);
    await createApp();
    await applyMigrations(exec, settings.kit);
    await app.init();
    return { port: await listen() };
  },
  async sql({ text }) {
    // The channel to the supervisor does not write with this JSON.stringify.
    return { rows: JSON.parse(JSON.stringify(await exec(text))) };
  },
  async open() {
    await connection.clearSchemaCache();
    await createApp();
    await app.init();
    return { port: await listen() };
  },
  async close() {
    await new Promise(resolve => { server.close(resolve); server.closeAllConnections(); });
    return {};
  },
};

process.on('message', message => {
  handlers[message.type](message).then(
    result => process.send({ id: message.id, ok: true, ...result }),
    error => process.send({ id: message.id, ok: false, error: error.message, code: error.code }));
});

async function connect() {
  if (settings.databaseUrl) {
    const { createPostgresConnection } = await import('@supabase/lite/postgres');
    connection = createPostgresConnection({
      url: settings.databaseUrl,
      postgresOptions: {
        max: 10,
        onnotice: () => {},
        types: {
          bigint: { to: oid.int8, from: [oid.int8], serialize: String, parse: int8 },
          numeric: { to: oid.numeric, from: [oid.numeric], serialize: String, parse: number },
          json: { to: oid.json, from: [oid.json], serialize: jsonArgument, parse: json },
          jsonb: { to: oid.jsonb, from: [oid.jsonb], serialize: jsonArgument, parse: json },
          double: { to: oid.float8, from: [oid.float8], serialize: String, parse: number },
          timestamp: { to: oid.timestamp, from: [oid.timestamp], serialize: String, parse: timestamp },
          timestamptz: { to: oid.timestamptz, from: [oid.timestamptz], serialize: String, parse: timestamptz },
        },
        connection: {
          application_name: 'local-backend',
          ...(settings.statementTimeout ? { statement_timeout: settings.statementTimeout } : {}),
        },
      },
    });
    exec = text => executeReserved(connection.driver, text);
  } else {
    const { createPgliteConnection } = await import('@supabase/lite/pglite');
    connection = await createPgliteConnection({
      url: settings.dataDir,
      pgliteOptions: {
        parsers: {
          [oid.int8]: int8, [oid.numeric]: number, [oid.float8]: number,
          [oid.json]: json, [oid.jsonb]: json, [oid.timestamp]: timestamp, [oid.timestamptz]: timestamptz,
        },
        serializers: { [oid.json]: jsonArgument, [oid.jsonb]: jsonArgument },
      },
    });
    const parsers = { [oid.int8]: plainInt8, [oid.numeric]: text => text };
    exec = text => exclusive(async () => {
      try {
        return (await connection.driver.exec(text, { parsers })).at(-1)?.rows ?? [];
      } catch (error) {
        await connection.driver.exec('rollback').catch(() => {});
        throw error;
      }
    });
    await exec("set timezone = 'UTC'");
    if (settings.statementTimeout) await exec(`set statement_timeout = ${Number(settings.statementTimeout)}`);
  }
  rememberErrors();
}

// The server answers what it does not know with code SUP and status 500. The SQLSTATE is kept here, per request, so
// that the answer can be what PostgREST would say.
function rememberErrors() {
  const normalize = connection.normalizeDbError.bind(connection);
  connection.normalizeDbError = error => {
    const result = normalize(error);
    const store = request.getStore();
    if (store && typeof result?.code === 'string') store.error = result;
    return result;
  };
}

async function createApp() {
  // Its first request would otherwise grant everything on every table to every role. The migrations say who may what.
  connection.rlsState = 'active';
  auth ??= new Auth(settings.jwtSecret, text => exec(text));
  app = new App({
    connection,
    options: { drivers: { email: auth.mail } },
    api: { max_rows: settings.maxRows, schemas: exposed() },
    auth: {
      enabled: true,
      jwt_secret: settings.jwtSecret,
      jwt_expiry: settings.jwtExpiry,
      enable_signup: true,
      publishable_key: settings.publishableKey,
      secret_key: settings.secretKey,
      email: { enable_confirmations: false },
    },
  });
  await app.ensureSystemSchema();
}

const exposed = () => settings.kit ? ['public', 'agent_sync'] : ['public'];

async function answer(incoming, env) {
  const store = {};
  return await request.run(store, async () => {
    const context = { peerAddress: env.incoming.socket.remoteAddress ?? null };
    const serve = one => settings.databaseUrl ? app.fetch(one, context) : exclusive(() => app.fetch(one, context));
    const response = await answerOpenApi(incoming, settings, exposed(), text => exec(text)) ?? await auth.answer(incoming, serve);
    // The HTTP layer writes the length again, in other letters: two Content-Length fields.
    response.headers.delete('content-length');
    if (response.status === 500 && settings.databaseUrl && !(await isDatabaseUp())) return databaseDown();
    return store.error ? await translateError(response, store.error) : response;
  });
}

const isDatabaseUp = () => connection.driver.unsafe('select 1').then(() => true, () => false);

function listen() {
  return new Promise((resolve, reject) => {
    server = serve({ port: settings.port, hostname: '127.0.0.1', fetch: answer }, info => resolve(info.port));
    server.once('error', reject);
    // The default of 5 s closes connections under clients that keep them longer, which hosted gateways do not do.
    server.keepAliveTimeout = 75_000;
  });
}
