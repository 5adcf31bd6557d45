import { cpSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { Stage } from './stage.ts';

/** Makes files of SQLite, each a copy of one whose schema is up to date. */
export class SqliteStages implements AsyncDisposable {
  readonly #folder = mkdtempSync(join(tmpdir(), 'semel-replay-'));
  #made = 0;

  async next(): Promise<Stage<SqliteTransaction>> {
    if (this.#made === 0) await this.#makeTemplate();
    const path = join(this.#folder, `${++this.#made}.db`);
    cpSync(this.#template, path);
    const effects = {
      write: (tx: SqliteTransaction, effect: string) => void tx.prepare('insert into effects values (?)').run(effect),
      list: () => effectsIn(path),
    };
    return Stage.open(sqlite(path, { synchronous: 'NORMAL', cacheMb: 1 }), effects, async () => rmSync(path));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    rmSync(this.#folder, { recursive: true });
  }

  get #template(): string {
    return join(this.#folder, 'template.db');
  }

  async #makeTemplate(): Promise<void> {
    await using _ = await Stage.open(sqlite(this.#template), { write: () => {}, list: () => [] }, async () => {});
    using database = new DatabaseSync(this.#template);
    database.exec('create table effects (effect text)');
  }
}

function effectsIn(path: string): readonly string[] {
  using database = new DatabaseSync(path, { readOnly: true });
  return database
    .prepare('select effect from effects')
    .all()
    .map(({ effect }) => String(effect));
}
