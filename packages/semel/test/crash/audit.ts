/**
 * The independent ledger: `audit.ts <store> <dir>` reads the databases with plain SQL, without Semel, and prints what it found as JSON.
 * `faults` is empty where every message had exactly one effect and one record, and nothing that was rolled back left a trace.
 */
import { existsSync, readFileSync } from 'node:fs';
import type { Effect, Reader } from './ledger.ts';
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
const files = filesOf(dir);
const ledger = ledgerOf(store, dir);
const faults: string[] = [];
const shop = await ledger.read('shop');
const billing = await ledger.read('billing');

const placed = await effects(shop, 'placed');
const ids = placed.map((row) => row.order_id);
const asPlaced = ids.map((id) => `${id}/placed`);
const asCharged = ids.map((id) => `${id}/charged`);
exactly('charges', await effects(shop, 'charges'), ids);
exactly(
  'survived',
  await effects(shop, 'survived'),
  ids.filter((id) => id !== KILLER),
);
exactly('booked', await effects(billing, 'booked'), ids);
exactly('watched', await effects(billing, 'watched'), ids);
await records(shop, 'charge', asPlaced);
await records(billing, 'book', asCharged);
await records(billing, 'watch', asPlaced);
await messages(shop, 'orders', asPlaced);
await messages(shop, 'receipts', asCharged);
await deadLetters(shop, [`poisoned ${KILLER}/placed`]);
await deadLetters(billing, []);
await nothingLeft('shop', shop);
await nothingLeft('billing', billing);
await Promise.all([shop.close(), billing.close()]);

const mailed = lines(files.mailed);
const pinged = lines(files.pinged);
missing('mailed (at least once)', new Set(mailed), ids);
if (new Set(pinged).size !== pinged.length) faults.push(`pinged (at most once): ${pinged.length - new Set(pinged).size} twice`);
phantoms('mailed', mailed, ids);
phantoms('pinged', pinged, ids);

const audit: Audit = { placed: placed.length, mailedTwice: mailed.length - new Set(mailed).size, pingsLost: ids.length - new Set(pinged).size, faults };
process.stdout.write(JSON.stringify(audit));

function effects(reader: Reader, table: string): Promise<readonly Effect[]> {
  return reader.all(`select order_id, customer_id, number from ${table} order by position`);
}

/** Each expected order once, no other, and those of a customer in the order in which they were placed. */
function exactly(what: string, rows: readonly Effect[], expected: readonly string[]): void {
  const seen = rows.map((row) => row.order_id);
  if (new Set(seen).size !== seen.length) faults.push(`${what}: ${seen.length - new Set(seen).size} effects happened twice`);
  missing(what, new Set(seen), expected);
  phantoms(what, seen, expected);
  const last = new Map<string, number>();
  for (const { customer_id, number, order_id } of rows) {
    if ((last.get(customer_id) ?? -1) > number) faults.push(`${what}: ${order_id} of ${customer_id} is out of order`);
    last.set(customer_id, number);
  }
}

function missing(what: string, seen: ReadonlySet<string>, expected: readonly string[]): void {
  const lost = expected.filter((id) => !seen.has(id));
  if (lost.length > 0) faults.push(`${what}: ${lost.length} lost (${lost.slice(0, 3).join(', ')})`);
}

function phantoms(what: string, seen: readonly string[], expected: readonly string[]): void {
  const known = new Set(expected);
  const strangers = seen.filter((id) => !known.has(id));
  if (strangers.length > 0) faults.push(`${what}: ${strangers.length} of messages that were never committed (${strangers.slice(0, 3).join(', ')})`);
}

function records(reader: Reader, consumer: string, expected: readonly string[]): Promise<void> {
  const sql = `select id from {semel}inbox join {semel}subscriptions using (subscription_id) where name = '${consumer}' and state = 'done'`;
  return sameIds(`records of ${consumer}`, reader, sql, expected);
}

function messages(reader: Reader, topic: string, expected: readonly string[]): Promise<void> {
  return sameIds(`messages of ${topic}`, reader, `select id from {semel}messages where topic = '${topic}'`, expected);
}

/** The killer, of one consumer, and nobody else. */
function deadLetters(reader: Reader, expected: readonly string[]): Promise<void> {
  return sameIds('dead letters', reader, "select name || ' ' || id as id from {semel}dead_letters join {semel}subscriptions using (subscription_id)", expected);
}

async function sameIds(what: string, reader: Reader, sql: string, expected: readonly string[]): Promise<void> {
  const seen = (await reader.all<{ id: string }>(sql)).map(({ id }) => id);
  missing(what, new Set(seen), expected);
  phantoms(what, seen, expected);
}

async function nothingLeft(name: string, reader: Reader): Promise<void> {
  const [row] = await reader.all<{ n: number }>(reader.leftOver);
  if (row?.n !== 0) faults.push(`${name}: ${row?.n} messages are left`);
}

function lines(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
