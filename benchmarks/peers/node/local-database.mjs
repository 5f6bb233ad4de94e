// The SQLite file of the loops: the rows, which of them were edited, and how far the last pull came.
import Database from 'better-sqlite3';

const columns = ['id', 'type', 'name', 'content', 'metadata', 'version', 'owner_id', 'updated_at', 'deleted_at'];

export const selected = columns.join(',');

export class LocalDatabase {
  #db; #upsert; #setState; #getState;

  constructor(file) {
    this.#db = new Database(file);
    this.#db.pragma('journal_mode = WAL');
    this.#db.exec(`
      create table if not exists artifacts (
        id text primary key, type text, name text, content text, metadata text, version integer, owner_id text, updated_at text, deleted_at text,
        dirty integer not null default 0, removed integer not null default 0);
      create index if not exists artifacts_dirty on artifacts (id) where dirty = 1;
      create table if not exists sync_state (name text primary key, value text)`);
    this.#upsert = this.#db.prepare(`
      insert into artifacts (${selected}) values (${columns.map((column) => `@${column}`).join(',')})
      on conflict (id) do update set ${columns.slice(1).map((column) => `${column} = excluded.${column}`).join(',')} where dirty = 0`);
    this.#getState = this.#db.prepare('select value from sync_state where name = ?').pluck();
    this.#setState = this.#db.prepare('insert into sync_state values (?, ?) on conflict (name) do update set value = excluded.value');
  }

  state(name) {
    return this.#getState.get(name);
  }

  /** Writes a page and how far it leads, in one transaction. */
  apply(rows, state) {
    this.#db.transaction(() => {
      for (const row of rows) this.#upsert.run({ ...row, metadata: JSON.stringify(row.metadata) });
      for (const [name, value] of Object.entries(state)) this.#setState.run(name, value);
    })();
  }

  /** Returns edited rows: 'new', 'changed' or 'removed'. */
  edited(kind) {
    const condition = { new: 'removed = 0 and version is null', changed: 'removed = 0 and version is not null', removed: 'removed = 1' }[kind];
    return this.#db.prepare(`select id, type, name, content, metadata, version from artifacts where dirty = 1 and ${condition} order by id`).all()
      .map((row) => ({ ...row, metadata: JSON.parse(row.metadata) }));
  }

  /** Takes over what the server made of rows that were sent. */
  sent(rows) {
    const statement = this.#db.prepare('update artifacts set dirty = 0, version = @version, updated_at = @updated_at, owner_id = @owner_id where id = @id');
    this.#db.transaction(() => { for (const row of rows) statement.run(row); })();
  }

  removed(ids) {
    const statement = this.#db.prepare('delete from artifacts where id = ?');
    this.#db.transaction(() => { for (const id of ids) statement.run(id); })();
  }

  close() {
    this.#db.close();
  }
}
