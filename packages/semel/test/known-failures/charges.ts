import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';

/** A table of charges without a unique key: a second charge must be able to happen to be seen. */
export class Charges implements Disposable {
  readonly path: string;
  readonly #dir: string;
  readonly #db: DatabaseSync;

  constructor() {
    this.#dir = mkdtempSync(join(tmpdir(), 'semel-known-'));
    this.path = join(this.#dir, 'charges.db');
    this.#db = new DatabaseSync(this.path);
    this.#db.exec('pragma journal_mode = wal; create table charges (payment text not null) strict');
  }

  /** What became of these payments. */
  compare(payments: readonly string[]): { readonly lost: number; readonly twice: number } {
    const rows = this.#db.prepare('select payment from charges').all();
    const charged = new Set(rows.map(({ payment }) => String(payment)));
    return { lost: payments.filter((payment) => !charged.has(payment)).length, twice: rows.length - charged.size };
  }

  get count(): number {
    return Number(this.#db.prepare('select count(distinct payment) as n from charges').get()?.['n']);
  }

  [Symbol.dispose](): void {
    this.#db.close();
    rmSync(this.#dir, { recursive: true, force: true });
  }
}

/** Ids of so many payments. */
export function payments(count: number): readonly string[] {
  return Array.from({ length: count }, (_, index) => `payment-${index}`);
}
