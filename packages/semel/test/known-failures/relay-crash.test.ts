import { type ChildProcess, fork } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSemel } from 'semel';
import { sqlite } from 'semel/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { Charges, payments } from './charges.ts';
import { orders } from './relay-worker.ts';

const WORKER = join(import.meta.dirname, 'relay-worker.ts');
const FLAGS = ['--disable-warning=ExperimentalWarning', '--conditions=semel-source'];
const PAYMENTS = payments(20);

let dir: string;
beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'semel-relay-'));
});
afterEach(() => rmSync(dir, { recursive: true, force: true }));

const file = (name: string) => join(dir, name);

/** Starts a relay; it kills itself where it is told to. */
function relay(kind: string, charges: Charges, dieAt = 'never'): ChildProcess {
  return fork(WORKER, [kind, file('shop.db'), file('broker.db'), charges.path, dieAt], { execArgv: FLAGS });
}

/** One relay dies in the middle, the next does the rest. */
async function relayTwice(kind: string, charges: Charges, dieAt: string): Promise<void> {
  const [, signal] = await once(relay(kind, charges, dieAt), 'exit');
  expect(signal).toBe('SIGKILL');
  await once(relay(kind, charges), 'exit');
}

/** An outbox as it is made by hand. */
function handMade(): void {
  const db = new DatabaseSync(file('shop.db'));
  db.exec('pragma journal_mode = wal; create table outbox (id integer primary key, payment text not null)');
  for (const payment of PAYMENTS) db.prepare('insert into outbox (payment) values (?)').run(payment);
  db.close();
}

describe('an outbox relay that crashes between reading and publishing', () => {
  test('by hand, removed and then published: what was removed is lost', { timeout: 30_000 }, async () => {
    using charges = new Charges();
    handMade();
    await relayTwice('remove-first', charges, 'between');
    expect(charges.compare(PAYMENTS)).toEqual({ lost: 1, twice: 0 });
  });

  test('by hand, published and then removed: what was published is charged again', { timeout: 30_000 }, async () => {
    using charges = new Charges();
    handMade();
    await relayTwice('publish-first', charges, 'between');
    expect(charges.compare(PAYMENTS)).toEqual({ lost: 0, twice: 1 });
  });

  test.each(['leased', 'publishing', 'published', 'marking'])('with Semel, dead once it has %s: each payment is charged once', { timeout: 30_000 }, async (boundary) => {
    using charges = new Charges();
    const shop = createSemel({ name: 'shop', store: sqlite(file('shop.db')), routes: { payments: (await import('./relay-worker.ts')).billing(file('broker.db')) } });
    for (const id of PAYMENTS) await shop.publish(orders, { id });
    await shop.close();
    await relayTwice('semel', charges, boundary);
    expect(charges.compare(PAYMENTS)).toEqual({ lost: 0, twice: 0 });
  });
});
