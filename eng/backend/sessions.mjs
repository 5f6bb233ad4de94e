import postgres from 'postgres';
import { oid, plainInt8, timestamp, timestamptz } from './values.mjs';

/** The superuser's connections to PostgreSQL: a small pool, and named sessions that keep their transaction open. */
export class Sessions {
  #url; #pool; #named = new Map();

  constructor(url) {
    this.#url = url;
    this.#pool = connect(url, 4);
  }

  async execute(text, session) {
    return session ? rowsOf(await this.#session(session).unsafe(text)) : await executeReserved(this.#pool, text);
  }

  async close(name) {
    const session = this.#named.get(name);
    this.#named.delete(name);
    await session?.end({ timeout: 1 });
  }

  async end() {
    const all = [this.#pool, ...this.#named.values()];
    this.#named.clear();
    await Promise.all(all.map(sql => sql.end({ timeout: 1 }).catch(() => {})));
  }

  #session(name) {
    if (!this.#named.has(name)) this.#named.set(name, connect(this.#url, 1));
    return this.#named.get(name);
  }
}

/** Runs SQL that may open and close a transaction, on one connection, and leaves no transaction behind on it. */
export async function executeReserved(pool, text) {
  const reserved = await pool.reserve();
  try {
    return rowsOf(await reserved.unsafe(text));
  } catch (error) {
    await reserved.unsafe('rollback').catch(() => {});
    throw error;
  } finally {
    reserved.release();
  }
}

// Several statements give an array of results: the last one is the answer.
const rowsOf = result => Array.from(result.length > 0 && Array.isArray(result[0]) ? result.at(-1) : result);

function connect(url, max) {
  return postgres(url, {
    max,
    onnotice: () => {},
    idle_timeout: 0,
    max_lifetime: null,
    types: {
      bigint: { to: oid.int8, from: [oid.int8], serialize: String, parse: plainInt8 },
      timestamp: { to: oid.timestamp, from: [oid.timestamp], serialize: String, parse: timestamp },
      timestamptz: { to: oid.timestamptz, from: [oid.timestamptz], serialize: String, parse: timestamptz },
    },
    connection: { application_name: 'local-backend-superuser' },
  });
}
