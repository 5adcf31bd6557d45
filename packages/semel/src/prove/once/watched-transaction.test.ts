import { DatabaseSync } from 'node:sqlite';
import { expect, it } from 'vitest';
import { type Watcher, watchedTransaction } from './watched-transaction.ts';

function watcher(failAt = 0): Watcher & { readonly uses: string[] } {
  const uses: string[] = [];
  return {
    uses,
    use: (method, text) => (uses.push(`${method} ${text}`) === failAt ? 'fail' : 'go'),
    fail: (_method, call) => call('select fault'),
  };
}

class Client {
  readonly #rows = ['A'];
  declare readonly fixed: () => string;

  constructor() {
    Object.defineProperty(this, 'fixed', { value: () => 'fixed' });
  }

  query(text: string | { readonly text: string }): string {
    return `${typeof text === 'string' ? text : text.text}: ${this.#rows}`;
  }
}

it('sees the statements of a database when they run, not when they are prepared', () => {
  const watch = watcher();
  const tx = watchedTransaction(new DatabaseSync(':memory:'), watch);
  tx.exec('create table t (a)');
  const insert = tx.prepare('insert into t values (?)');
  expect(watch.uses).toEqual(['exec create table t (a)']);
  insert.run(1);
  insert.run(2);
  expect(tx.prepare('select a from t').all()).toHaveLength(2);
  expect(watch.uses.slice(1)).toEqual(['run insert into t values (?)', 'run insert into t values (?)', 'all select a from t']);
});

it('leaves private fields, fixed members and identity as they are', () => {
  const client = new Client();
  const watch = watcher();
  const tx = watchedTransaction(client, watch);
  expect(tx.query('select 1')).toBe('select 1: A');
  expect(tx.query({ text: 'select 2' })).toBe('select 2: A');
  expect(tx.fixed()).toBe('fixed');
  expect(tx).toBeInstanceOf(Client);
  expect(tx.query).toBe(tx.query);
  expect(watch.uses).toEqual(['query select 1', 'query select 2']);
});

it('sees a transaction that is called, as that of Knex is', () => {
  const watch = watcher();
  const tx = watchedTransaction((table: string) => `from ${table}`, watch);
  expect(tx('sales')).toBe('from sales');
  expect(watch.uses).toEqual(['call sales']);
});

it('lets a use fail by another statement', () => {
  expect(watchedTransaction(new Client(), watcher(1)).query('select 1')).toBe('select fault: A');
});
