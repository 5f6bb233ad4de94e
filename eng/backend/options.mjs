import { parseArgs } from 'node:util';

export const usage = `usage: node main.mjs [options]

  --port N                 port of the API (default: a free one)
  --data DIR               keep the data in DIR (default: a temporary folder, removed at the end)
  --durable                fsync and synchronous_commit on: acknowledged commits survive a crash
  --max-rows N             most rows one answer may hold (default 1000)
  --jwt-expiry SECONDS     how long an access token is valid (default 3600)
  --statement-timeout MS   statement timeout of the API's connections (default: none)
  --kit on|off             apply the SQL kit's migrations (default on)
  --pglite                 use PGlite even where PostgreSQL is installed
  --require-postgres       fail rather than fall back to PGlite
  --ignore-sigint          Ctrl+C is the parent's business; stop when stdin closes
  --verbose                copy the server's log to stderr

PGBIN names the folder of PostgreSQL's programs where they are not found by themselves.`;

/** Reads the command line. Throws an Error whose message can be shown as it is. */
export function readOptions(argv) {
  const { values } = parseArgs({
    args: argv,
    allowPositionals: false,
    options: {
      port: { type: 'string' },
      data: { type: 'string' },
      durable: { type: 'boolean', default: false },
      'max-rows': { type: 'string', default: '1000' },
      'jwt-expiry': { type: 'string', default: '3600' },
      'statement-timeout': { type: 'string' },
      kit: { type: 'string', default: 'on' },
      pglite: { type: 'boolean', default: false },
      'require-postgres': { type: 'boolean', default: false },
      'ignore-sigint': { type: 'boolean', default: false },
      verbose: { type: 'boolean', default: false },
      help: { type: 'boolean', default: false },
    },
  });
  if (values.pglite && values['require-postgres']) {
    throw new Error('--pglite and --require-postgres exclude each other');
  }
  if (!['on', 'off'].includes(values.kit)) throw new Error('--kit must be on or off');
  return {
    port: integer(values, 'port', 1, 65535),
    data: values.data,
    durable: values.durable,
    maxRows: integer(values, 'max-rows', 1, 1_000_000),
    jwtExpiry: integer(values, 'jwt-expiry', 1, 604_800),
    statementTimeout: integer(values, 'statement-timeout', 1, 3_600_000),
    kit: values.kit === 'on',
    pglite: values.pglite,
    requirePostgres: values['require-postgres'],
    ignoreSigint: values['ignore-sigint'],
    verbose: values.verbose,
    help: values.help,
  };
}

function integer(values, name, min, max) {
  const text = values[name];
  if (text === undefined) return undefined;
  const value = /^\d+$/.test(text) ? Number(text) : NaN;
  if (!(value >= min && value <= max)) throw new Error(`--${name} must be a whole number from ${min} to ${max}`);
  return value;
}
