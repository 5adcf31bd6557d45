/**
 * The independent ledger: `audit.ts <store> <dir>` reads the databases with plain SQL, without Semel, and prints what it found as JSON.
 * `faults` is empty where every message had exactly one effect and one record, and nothing that was rolled back left a trace.
 */
import { existsSync, readFileSync } from 'node:fs';
import { type Effect, Findings } from './findings.ts';
import type { Reader } from './ledger.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import { filesOf, KILLER } from './services.ts';

/** What the audit prints. */
export interface Audit {
  readonly placed: number;
  readonly mailedTwice: number;
  readonly pingsLost: number;
  readonly faults: readonly string[];
}

const [store, dir] = process.argv.slice(2) as [string, string];
const ledger = ledgerOf(store, dir);
const findings = new Findings();
const shop = await ledger.read('shop');
const billing = await ledger.read('billing');

const placed = (await effects(shop, 'placed')).map((row) => row.order_id);
const asPlaced = placed.map((id) => `${id}/placed`);
const asCharged = placed.map((id) => `${id}/charged`);
const withoutKiller = placed.filter((id) => id !== KILLER);
for (const [reader, table, expected] of [
  [shop, 'charges', placed],
  [shop, 'survived', withoutKiller],
  [billing, 'booked', placed],
  [billing, 'watched', placed],
] as const)
  findings.exactly(table, await effects(reader, table), expected);
findings.once('records of charge', await records(shop, 'charge'), asPlaced);
findings.once('records of book', await records(billing, 'book'), asCharged);
findings.once('records of watch', await records(billing, 'watch'), asPlaced);
findings.once('messages of orders', await messages(shop, 'orders'), asPlaced);
findings.once('messages of receipts', await messages(shop, 'receipts'), asCharged);
const killed = placed.filter((id) => id === KILLER).map((id) => `poisoned ${id}/placed`); // of one consumer, and nobody else
findings.once('dead letters of the shop', await deadLetters(shop), killed);
findings.once('dead letters of billing', await deadLetters(billing), []);
findings.none('messages that are left at the shop', await leftOver(shop));
findings.none('messages that are left at billing', await leftOver(billing));
await Promise.all([shop.close(), billing.close()]);

const files = filesOf(dir);
const told = lines(files.placed);
findings.missing('placed, as their publishers were told', placed, told);
findings.none('placed, as their publishers were told, and once more later', told.length - new Set(told).size);
const mailed = lines(files.mailed);
const pinged = lines(files.pinged);
findings.missing('mailed (at least once)', mailed, placed);
findings.phantoms('mailed', mailed, placed);
findings.none('pinged more than once (at most once)', pinged.length - new Set(pinged).size);
findings.phantoms('pinged', pinged, placed);

const { faults } = findings;
const audit: Audit = { placed: placed.length, mailedTwice: mailed.length - new Set(mailed).size, pingsLost: placed.length - new Set(pinged).size, faults };
process.stdout.write(JSON.stringify(audit));

function effects(reader: Reader, table: string): Promise<readonly Effect[]> {
  return reader.all(`select order_id, customer_id, number from ${table} order by position`);
}

function records(reader: Reader, consumer: string): Promise<readonly string[]> {
  return ids(reader, `select id from {semel}inbox join {semel}subscriptions using (subscription_id) where name = '${consumer}' and state = 'done'`);
}

function messages(reader: Reader, topic: string): Promise<readonly string[]> {
  return ids(reader, `select id from {semel}messages where topic = '${topic}'`);
}

/** Without those of at-most-once: whatever ends its one try is the end. */
function deadLetters(reader: Reader): Promise<readonly string[]> {
  return ids(reader, "select name || ' ' || id as id from {semel}dead_letters join {semel}subscriptions using (subscription_id) where name <> 'pinger'");
}

async function ids(reader: Reader, sql: string): Promise<readonly string[]> {
  return (await reader.all<{ id: string }>(sql)).map(({ id }) => id);
}

async function leftOver(reader: Reader): Promise<number> {
  const [row] = await reader.all<{ n: number }>(reader.leftOver);
  return row?.n ?? Number.NaN;
}

function lines(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
