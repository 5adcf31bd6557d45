/**
 * The independent ledger: `audit.ts <dir>` reads the files with plain SQL, without Semel, and prints what it found as JSON.
 * `faults` is empty where every message had exactly one effect and one record, and nothing that was rolled back left a trace.
 */
import { existsSync, readFileSync } from 'node:fs';
import { DatabaseSync } from 'node:sqlite';
import { filesOf, KILLER } from './services.ts';

/** What the audit prints. */
export interface Audit {
  readonly placed: number;
  readonly mailedTwice: number;
  readonly pingsLost: number;
  readonly faults: readonly string[];
}

type Row = { readonly order_id: string; readonly customer_id: string; readonly number: number };

/** Messages that are in a queue, and those that a subscription has not yet taken into its own. */
const BACKLOG = `select (select count(*) from semel_queue) + (select count(*) from semel_subscriptions s join semel_messages m
  on m.topic = s.topic and m.seq > s.taken_seq and m.parked = 0 where s.kind <> 'remote') as n`;

const dir = process.argv[2] as string;
const files = filesOf(dir);
const faults: string[] = [];
const shop = new DatabaseSync(files.shop, { readOnly: true });
const billing = new DatabaseSync(files.billing, { readOnly: true });

const placed = effects(shop, 'placed');
const placedIds = placed.map((row) => row.order_id);
exactly('charges', effects(shop, 'charges'), placedIds);
exactly(
  'survived',
  effects(shop, 'survived'),
  placedIds.filter((id) => id !== KILLER),
);
exactly('booked', effects(billing, 'booked'), placedIds);
exactly('watched', effects(billing, 'watched'), placedIds);
records(
  shop,
  'charge',
  placedIds.map((id) => `${id}/placed`),
);
records(
  billing,
  'book',
  placedIds.map((id) => `${id}/charged`),
);
records(
  billing,
  'watch',
  placedIds.map((id) => `${id}/placed`),
);
messages(
  shop,
  'orders',
  placedIds.map((id) => `${id}/placed`),
);
messages(
  shop,
  'receipts',
  placedIds.map((id) => `${id}/charged`),
);
deadLetters();
for (const [name, db] of [
  ['shop', shop],
  ['billing', billing],
] as const) {
  const left = Number(db.prepare(BACKLOG).get()?.['n']);
  if (left > 0) faults.push(`${name}: ${left} messages are left`);
}

const mailed = lines(files.mailed);
const pinged = lines(files.pinged);
missing('mailed (at least once)', new Set(mailed), placedIds);
if (new Set(pinged).size !== pinged.length) faults.push(`pinged (at most once): ${pinged.length - new Set(pinged).size} twice`);
phantoms('mailed', mailed, placedIds);
phantoms('pinged', pinged, placedIds);

const audit: Audit = { placed: placed.length, mailedTwice: mailed.length - new Set(mailed).size, pingsLost: placedIds.length - new Set(pinged).size, faults };
process.stdout.write(JSON.stringify(audit));

function effects(db: DatabaseSync, table: string): readonly Row[] {
  return db.prepare(`select order_id, customer_id, number from ${table} order by position`).all() as unknown as readonly Row[];
}

/** Each expected order once, no other, and those of a customer in the order in which they were placed. */
function exactly(what: string, rows: readonly Row[], expected: readonly string[]): void {
  const ids = rows.map((row) => row.order_id);
  if (new Set(ids).size !== ids.length) faults.push(`${what}: ${ids.length - new Set(ids).size} effects happened twice`);
  missing(what, new Set(ids), expected);
  phantoms(what, ids, expected);
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

function records(db: DatabaseSync, consumer: string, expected: readonly string[]): void {
  const rows = db.prepare("select id from semel_inbox join semel_subscriptions using (subscription_id) where name = ? and state = 'done'").all(consumer);
  sameSet(
    `records of ${consumer}`,
    rows.map((row) => String(row['id'])),
    expected,
  );
}

function messages(db: DatabaseSync, topic: string, expected: readonly string[]): void {
  sameSet(
    `messages of ${topic}`,
    db
      .prepare('select id from semel_messages where topic = ?')
      .all(topic)
      .map((row) => String(row['id'])),
    expected,
  );
}

function sameSet(what: string, seen: readonly string[], expected: readonly string[]): void {
  missing(what, new Set(seen), expected);
  phantoms(what, seen, expected);
}

/** The killer, of one consumer, and nobody else. */
function deadLetters(): void {
  for (const [db, expected] of [
    [shop, [`poisoned ${KILLER}/placed`]],
    [billing, []],
  ] as const) {
    const rows = db.prepare('select name, id from semel_dead_letters join semel_subscriptions using (subscription_id)').all();
    sameSet(
      'dead letters',
      rows.map((row) => `${row['name']} ${row['id']}`),
      expected,
    );
  }
}

function lines(file: string): readonly string[] {
  return existsSync(file) ? readFileSync(file, 'utf8').split('\n').filter(Boolean) : [];
}
