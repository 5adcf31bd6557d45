import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSemel } from 'semel';
import { type ProveOptions, proveOnce } from 'semel/prove';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { collecting, memory } from 'semel/testing';
import { afterAll, expect, test } from 'vitest';
import { MESSAGES, orders } from './shop.ts';

const folder = mkdtempSync(join(tmpdir(), 'semel-prove-'));
afterAll(() => rmSync(folder, { recursive: true }));

const semel = createSemel({ name: 'shop', store: sqlite(join(folder, 'other.db')) });
const consumer = semel.consume(orders, { name: 'charge' }, ({ message, tx }) => tx.prepare('insert into charges values (?)').run(message.data.order));

function proveWith(changes: Partial<ProveOptions<SqliteTransaction>>) {
  return proveOnce<SqliteTransaction>({
    store: () => sqlite(join(folder, 'shop.db')),
    consumer,
    messages: MESSAGES,
    prepare: (db) => db.exec('create table if not exists charges (order_id text primary key) strict'),
    effect: (db) => db.prepare('select count(*) as n from charges').get()?.['n'],
    ...changes,
  });
}

const REFUSED: readonly (readonly [what: string, changes: object, message: string])[] = [
  ['an option that it does not know', { efect: () => 0 }, 'did you mean `effect`?'],
  ['no messages', { messages: [] }, 'a list of at least one message'],
  ['one message twice', { messages: [MESSAGES[0], MESSAGES[0]] }, 'two of `messages` have one id'],
  ['effects that are neither a number nor a list', { effect: () => '2' as never }, 'must give a number or a list'],
  ['a seed that is none', { seed: -1 }, '`seed` must be'],
  ['a store that is none', { store: () => undefined as never }, '`store` must be a store'],
];
test.each(REFUSED)('refuses %s', async (_what, changes, message) => {
  await expect(proveWith(changes)).rejects.toMatchObject({ code: 'bad-option', message: expect.stringContaining(message) });
});

test('refuses a store that is open for somebody else, whose events it would not get', async () => {
  const store = sqlite(join(folder, 'open.db'));
  const shop = createSemel({ name: 'shop', store });
  await shop.open();
  await expect(proveWith({ store })).rejects.toMatchObject({ code: 'bad-option', message: expect.stringContaining('the store is open already') });
});

test('refuses a store that collects writes', async () => {
  const other = createSemel({ name: 'shop', store: memory() }).consume(orders, { name: 'charge' }, () => {});
  await expect(proveOnce({ store: collecting(), consumer: other, messages: MESSAGES, effect: () => 0 })).rejects.toMatchObject({ code: 'capability-missing' });
});

test('asks for `prepare` that empties the tables, where what an earlier trial left is in the way', async () => {
  const report = await proveWith({});
  expect(report.verdict).toBe('inconclusive');
  expect(report.facts.reason).toMatch(/UNIQUE constraint failed.*\(.*refusals\.test\.ts:\d+\); the first message alone went well before.*give `prepare`/);
});

test('where a key of the database refuses the second effect, a loss is still looked for', async () => {
  const report = await proveWith({ prepare: (db) => db.exec('drop table if exists charges; create table charges (order_id text primary key) strict') });
  expect(report.facts).toMatchObject({ verdict: 'proven', control: 'refused', notes: [expect.stringContaining('a duplicate could not show')] });
});

test('rejects with what `prepare` throws, and gives the database back', async () => {
  await expect(proveWith({ prepare: (db) => db.exec('no sql') })).rejects.toThrow('syntax error');
  expect((await proveWith({ prepare: (db) => db.exec('drop table if exists charges; create table charges (order_id text) strict') })).ok).toBe(true);
});
