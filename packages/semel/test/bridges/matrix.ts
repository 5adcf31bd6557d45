import { type ChildProcess, fork } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createSemel, type Running } from 'semel';
import { describe, expect, test } from 'vitest';
import { type Effect, Findings } from '../crash/findings.ts';
import type { Order } from '../crash/ledger.ts';
import { ledgerOf } from '../crash/ledgers/ledger-of.ts';
import { sqliteLedger } from '../crash/ledgers/sqlite.ts';
import { serviceUrl } from '../services/describe-with.ts';
import { database } from '../services/postgres.ts';
import { topicAt, transportAt } from './bridge.ts';
import { PLACES, type Side } from './places.ts';

/** From where, through which database, to where. */
export interface Bridge {
  readonly source: string;
  readonly store: 'sqlite' | 'postgres';
  readonly sink: string;
}

const BRIDGE = join(import.meta.dirname, 'bridge.ts');
const FLAGS = ['--disable-warning=ExperimentalWarning', '--disable-warning=TimeoutNegativeWarning', '--conditions=semel-source'];
const ORDERS = 60;
const CUSTOMERS = 5;
const PATIENCE_MS = 5_000;
/** Where bridges die, one after another: with effects that are committed and not acknowledged, and with receipts that are published and not marked. */
const KILLS = ['committed#2', 'published#1'];

/** A test for each of the bridges. */
export function bridgeTests(bridges: readonly Bridge[]): void {
  for (const bridge of bridges) {
    const { source, store, sink } = bridge;
    const missing = [PLACES[source]?.service, PLACES[sink]?.service, store === 'postgres' ? ('postgres' as const) : undefined].filter(
      (name) => name !== undefined && serviceUrl(name) === undefined,
    );
    const title = `${source} → ${store} → ${sink}, killed in the middle: each order once at either end`;
    const run = missing.length === 0 ? test : test.skip;
    describe('bridges', () => run(missing.length === 0 ? title : `${title} [no ${missing.join(', ')}]`, { timeout: 120_000 }, () => carries(bridge)));
  }
}

async function carries({ source, store, sink }: Bridge): Promise<void> {
  await using from = await (PLACES[source] as (typeof PLACES)[string]).open('bridge');
  await using to = await (PLACES[sink] as (typeof PLACES)[string]).open('audit');
  await using db = store === 'postgres' ? await database() : undefined;
  const dir = mkdtempSync(join(tmpdir(), 'semel-bridge-'));
  const own = ledgerOf(db?.url ?? 'sqlite', dir);
  await own.makeTables('billing', ['booked']);
  await using auditing = await audit(to, join(dir, 'audit'));
  await using _shopping = await shop(from, join(dir, 'shop'));
  for (const at of [...KILLS, undefined]) {
    const child = fork(BRIDGE, [JSON.stringify({ source: from, sink: to, store: db?.url ?? 'sqlite', dir }), ...(at === undefined ? [] : [at])], { execArgv: FLAGS });
    if (at === undefined) await expect.poll(() => auditing.count(), { timeout: 60_000, interval: 50 }).toBe(ORDERS);
    await ended(child, at === undefined);
  }
  const findings = new Findings();
  const reader = await own.read('billing');
  const all = Array.from({ length: ORDERS }, (_, number) => `order-${number}`);
  const keepsOrder = [PLACES[source], PLACES[sink]].map((place) => place?.ordered);
  compare(findings, 'effects of the bridge', await reader.all<Effect>('select order_id, customer_id, number from booked order by position'), all, keepsOrder[0] === true);
  compare(findings, 'effects beyond it', await auditing.effects(), all, keepsOrder.every(Boolean));
  await reader.close();
  expect(findings.faults).toEqual([]);
  rmSync(dir, { recursive: true, force: true });
}

function compare(findings: Findings, what: string, effects: readonly Effect[], all: readonly string[], ordered: boolean): void {
  if (ordered) findings.exactly(what, effects, all);
  else
    findings.once(
      what,
      effects.map((effect) => effect.order_id),
      all,
    );
}

/** It dies by its own hand; or by ours, the last one, and one that does not come so far. */
async function ended(child: ChildProcess, last: boolean): Promise<void> {
  const timer = setTimeout(() => child.kill('SIGKILL'), last ? 0 : PATIENCE_MS);
  if (child.signalCode === null && child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
  clearTimeout(timer);
  expect(child.signalCode).toBe('SIGKILL');
}

/** Places all orders, and relays them for as long as it lives. */
async function shop(side: Side, dir: string): Promise<Running> {
  mkdirSync(dir);
  const semel = createSemel({ name: 'shop', store: sqliteLedger(dir).store('shop'), routes: { [side.topic]: await transportAt(side) } });
  const orders = topicAt(side);
  for (let number = 0; number < ORDERS; number++) await semel.publish(orders, { orderId: `order-${number}`, customerId: `customer-${number % CUSTOMERS}`, number });
  return semel.start();
}

interface Audit extends AsyncDisposable {
  count(): Promise<number>;
  effects(): Promise<readonly Effect[]>;
}

/** Books what arrives. */
async function audit(side: Side, dir: string): Promise<Audit> {
  mkdirSync(dir);
  const ledger = sqliteLedger(dir);
  await ledger.makeTables('billing', ['audited']);
  const semel = createSemel({ name: 'audit', store: ledger.store('billing'), routes: { [side.topic]: await transportAt(side) } });
  semel.consume(topicAt(side), { name: 'audit' }, ({ message, tx }) => ledger.write(tx, 'audited', message.data as Order));
  const running = await semel.start();
  const reader = await ledger.read('billing');
  const effects = () => reader.all<Effect>('select order_id, customer_id, number from audited order by position');
  return {
    effects,
    count: async () => (await effects()).length,
    [Symbol.asyncDispose]: async () => {
      await running.stop();
      await reader.close();
    },
  };
}
