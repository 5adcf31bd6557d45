import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { isSemelError } from './core/errors.ts';
import type { StandardSchema } from './core/standard-schema.ts';
import { topic } from './core/topic.ts';
import type { Running } from './running.ts';
import { createSemel, type Semel } from './semel.ts';
import { type SqliteTransaction, sqlite } from './stores/sqlite/index.ts';
import { memory } from './testing/models/memory-store.ts';

interface Order {
  readonly id: string;
  readonly customer: string;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema: anOrder, id: (o) => `${o.id}/placed`, key: (o) => o.customer });
const receipts = topic('receipts', { schema: anOrder, id: (o) => `${o.id}/paid` });

let dir: string;
let semel: Semel<SqliteTransaction>;
const started: Running[] = [];

beforeEach(async () => {
  dir = mkdtempSync(join(tmpdir(), 'semel-'));
  semel = service();
  await semel.transaction(({ tx }) => tx.exec('create table effects (position integer primary key, what text not null) strict'));
});

afterEach(async () => {
  await Promise.all(started.splice(0).map((running) => running.stop({ deadlineMs: 1_000 })));
  await semel.close();
  rmSync(dir, { recursive: true, force: true });
});

function service(): Semel<SqliteTransaction> {
  return createSemel({ name: 'shop', store: sqlite(join(dir, 'shop.db')) });
}

async function start(target: Semel<SqliteTransaction> = semel): Promise<Running> {
  const running = await target.start();
  started.push(running);
  return running;
}

function effects(): readonly string[] {
  const db = new DatabaseSync(join(dir, 'shop.db'), { readOnly: true });
  try {
    return db
      .prepare('select what from effects order by position')
      .all()
      .map((row) => String(row['what']));
  } finally {
    db.close();
  }
}

const write = (tx: SqliteTransaction, what: string) => tx.prepare('insert into effects (what) values (?)').run(what);
const order = (id: string, customer = id): Order => ({ id, customer });

describe('a business transaction', () => {
  test('commits what it writes together with what it publishes, and gives its result', async () => {
    semel.consume(orders, { name: 'charge' }, ({ message, tx }) => void write(tx, `charged ${message.data.id}`));
    const result = await semel.transaction(async ({ tx, publish }) => {
      write(tx, 'ordered A');
      await publish(orders, order('A'));
      return 42;
    });
    const running = await start();
    await running.idle();
    expect(result).toBe(42);
    expect(effects()).toEqual(['ordered A', 'charged A']);
  });

  test('publishes nothing when it fails', async () => {
    semel.consume(orders, { name: 'charge' }, ({ message, tx }) => void write(tx, `charged ${message.data.id}`));
    const failing = semel.transaction(async ({ tx, publish }) => {
      write(tx, 'ordered A');
      await publish(orders, order('A'));
      throw new Error('changed my mind');
    });
    await expect(failing).rejects.toThrow('changed my mind');
    const running = await start();
    await running.idle();
    expect(effects()).toEqual([]);
  });

  test('inside another one is a clear error, not a deadlock', async () => {
    const nested = semel.transaction(() => semel.transaction(() => {}));
    await expect(nested).rejects.toMatchObject({ code: 'nested-transaction' });
    await expect(semel.transaction(() => 'afterwards')).resolves.toBe('afterwards');
  });

  test('what was begun inside it is free again once it is over', async () => {
    let later: Promise<unknown> | undefined;
    await semel.transaction(() => {
      later = new Promise((resolve) => setTimeout(resolve, 5)).then(() => semel.publish(orders, order('A')));
    });
    await expect(later).resolves.toEqual({ source: 'shop/orders', id: 'A/placed' });
  });

  test('that the user opened takes a message with it', async () => {
    const db = new DatabaseSync(join(dir, 'shop.db'));
    semel.consume(orders, { name: 'charge' }, ({ message, tx }) => void write(tx, `charged ${message.data.id}`));
    for (const end of ['rollback', 'commit']) {
      db.exec('begin immediate');
      await semel.publish(orders, order(end), { tx: db });
      db.exec(end);
    }
    db.close();
    const running = await start();
    await running.idle();
    expect(effects()).toEqual(['charged commit']);
  });
});

describe('publishing', () => {
  test('the same identity twice is one message; another payload under it is refused with both fingerprints', async () => {
    semel.consume(orders, { name: 'charge' }, ({ message, tx }) => void write(tx, message.data.id));
    await semel.publish(orders, order('A', 'ada'));
    await semel.publish(orders, order('A', 'ada'));
    const refused = await semel.publish(orders, order('A', 'eve')).catch((error: unknown) => error);
    expect(isSemelError(refused, 'identity-conflict')).toBe(true);
    expect((refused as Error).message).toMatch(/recorded fingerprint [\w-]{43}, received [\w-]{43}/);
    const running = await start();
    await running.idle();
    expect(effects()).toEqual(['A']);
  });

  test('trap 54: two topics with ids from one field do not collide', async () => {
    const placed = topic('placed', { schema: anOrder, id: (o) => o.id });
    const cancelled = topic('cancelled', { schema: anOrder, id: (o) => o.id });
    semel.consume(placed, { name: 'placing' }, ({ tx }) => void write(tx, 'placed'));
    semel.consume(cancelled, { name: 'cancelling' }, ({ tx }) => void write(tx, 'cancelled'));
    await semel.publish(placed, order('A'));
    await semel.publish(cancelled, order('A'));
    const running = await start();
    await running.idle();
    expect(effects().toSorted()).toEqual(['cancelled', 'placed']);
  });

  test('trap 14: an id made from a field that is absent is refused, and the field is named', async () => {
    const refused = await semel.publish(orders, { customer: 'ada' } as Order).catch((error: unknown) => error);
    expect(refused).toMatchObject({ code: 'field-missing' });
    expect((refused as Error).message).toContain('id');
  });

  test('a delayed message comes when it is due', async () => {
    semel.consume(orders, { name: 'charge' }, ({ message, tx }) => void write(tx, message.data.id));
    const running = await start();
    await semel.publish(orders, order('later'), { notBefore: new Date(Date.now() + 300) });
    await semel.publish(orders, order('now'));
    await running.idle();
    expect(effects()).toEqual(['now']);
    await expect.poll(effects, { timeout: 5_000 }).toEqual(['now', 'later']);
  });

  test('messages carry what caused them', async () => {
    const headers: unknown[] = [];
    semel.consume(orders, { name: 'charge', publishes: [receipts] }, ({ message, publish }) => publish(receipts, message.data));
    semel.consume(receipts, { name: 'book' }, ({ message }) => void headers.push(message.headers));
    await semel.publish(orders, order('A'), { headers: { traceparent: '00-1-2-01' } });
    const running = await start();
    await running.idle();
    expect(headers).toEqual([{ correlationid: 'A/placed', causationid: 'A/placed', traceparent: '00-1-2-01' }]);
  });
});

describe('consumers', () => {
  test('each of a topic gets every message, also one that joins later', async () => {
    semel.consume(orders, { name: 'first' }, ({ message, tx }) => void write(tx, `first ${message.data.id}`));
    const running = await start();
    await semel.publish(orders, order('A'));
    await running.idle();
    await running.stop();

    semel = service();
    semel.consume(orders, { name: 'late', from: 'beginning' }, ({ message, tx }) => void write(tx, `late ${message.data.id}`));
    semel.consume(orders, { name: 'latest', from: 'now' }, ({ message, tx }) => void write(tx, `latest ${message.data.id}`));
    const again = await start();
    await semel.publish(orders, order('B'));
    await again.idle();
    expect(effects().toSorted()).toEqual(['first A', 'late A', 'late B', 'latest B']);
  });

  test('trap 57: a renamed consumer keeps its records and its backlog', async () => {
    semel.consume(orders, { name: 'old' }, ({ message, tx }) => void write(tx, `old ${message.data.id}`));
    const running = await start();
    await semel.publish(orders, order('A'));
    await running.idle();
    await running.stop();

    semel = service();
    await semel.publish(orders, order('B'));
    const renamed = semel.consume(orders, { name: 'new', previousNames: ['old'] }, ({ message, tx }) => void write(tx, `new ${message.data.id}`));
    const again = await start();
    await again.idle();
    expect(effects()).toEqual(['old A', 'new B']);
    expect(await semel.deliver(renamed, order('A'))).toEqual([{ kind: 'duplicate' }]);
  });

  test('that are gone are removed with what they left', async () => {
    semel.consume(orders, { name: 'gone' }, () => {});
    const running = await start();
    await semel.pause('gone');
    await semel.publish(orders, order('A'));
    expect(await semel.remove('gone')).toMatchObject({ backlog: 1 });
    expect(await semel.status()).toEqual([]);
    await running.stop();
  });

  test('pause holds messages back, in every process; resume lets them go', async () => {
    semel.consume(orders, { name: 'charge' }, ({ message, tx }) => void write(tx, message.data.id));
    const running = await start();
    await semel.pause('charge');
    await semel.publish(orders, order('A'));
    await new Promise((resolve) => setTimeout(resolve, 100));
    expect(effects()).toEqual([]);
    await semel.resume('charge');
    await running.idle();
    expect(effects()).toEqual(['A']);
  });

  test('an order by key outlives failures: what comes after waits for its predecessor', async () => {
    let failures = 3;
    semel.consume(orders, { name: 'charge', retry: { baseMs: 1 } }, ({ message, tx }) => {
      if (message.data.id === 'A1' && failures-- > 0) throw new Error('no luck');
      write(tx, message.data.id);
    });
    for (const [id, customer] of [
      ['A1', 'a'],
      ['A2', 'a'],
      ['B1', 'b'],
      ['A3', 'a'],
    ] as const)
      await semel.publish(orders, order(id, customer));
    const running = await start();
    await running.idle();
    expect(effects().filter((id) => id.startsWith('A'))).toEqual(['A1', 'A2', 'A3']);
    expect(effects()[0]).toBe('B1');
  });

  test('a dead letter holds its key where asked to, until it is redriven with its identity (trap 49)', async () => {
    let mended = false;
    semel.consume(orders, { name: 'charge', onDeadLetter: 'hold-key', retry: { attempts: 2, baseMs: 1 } }, ({ message, tx }) => {
      if (message.data.id === 'A1' && !mended) throw new Error('broken');
      write(tx, message.data.id);
    });
    for (const [id, customer] of [
      ['A1', 'a'],
      ['A2', 'a'],
      ['B1', 'b'],
    ] as const)
      await semel.publish(orders, order(id, customer));
    const running = await start();
    await running.idle();
    expect(effects()).toEqual(['B1']);
    const [letter] = await semel.deadLetters.list();
    expect(letter).toMatchObject({ consumer: 'charge', source: 'shop/orders', messageId: 'A1/placed', key: 'a', reason: 'Error' });
    expect(letter?.history.map(({ attempt }) => attempt)).toEqual([1, 2]);
    mended = true;
    expect(await semel.deadLetters.redrive(letter?.id ?? 0)).toBe(true);
    await running.idle();
    expect(effects()).toEqual(['B1', 'A1', 'A2']);
  });

  test('an at-most-once dead letter can be redriven too', async () => {
    let mended = false;
    semel.consume(orders, { name: 'ping', guarantee: 'at-most-once' }, ({ transaction, message }) => {
      if (!mended) throw new Error('broken');
      return transaction(({ tx }) => void write(tx, message.data.id));
    });
    await semel.publish(orders, order('A'));
    const running = await start();
    await running.idle();
    mended = true;
    const [letter] = await semel.deadLetters.list();
    expect(await semel.deadLetters.redrive(letter?.id ?? 0)).toBe(true);
    await running.idle();
    expect(effects()).toEqual(['A']);
  });

  test('stop at its deadline interrupts what runs, undoes it and gives it back', async () => {
    let attempts: number[] = [];
    semel.consume(orders, { name: 'charge' }, async ({ message, tx, attempt, signal }) => {
      attempts.push(attempt);
      write(tx, message.data.id);
      if (attempts.length === 1) await new Promise((_resolve, reject) => signal.addEventListener('abort', () => reject(signal.reason)));
    });
    const running = await start();
    await semel.publish(orders, order('A'));
    await expect.poll(() => attempts.length, { interval: 5 }).toBe(1);
    await running.stop({ deadlineMs: 20 });
    expect(effects()).toEqual([]);

    const again = service();
    semel = again;
    attempts = [0];
    again.consume(orders, { name: 'charge' }, ({ message, tx, attempt }) => {
      attempts.push(attempt);
      write(tx, message.data.id);
    });
    const running2 = await start(again);
    await running2.idle();
    expect(effects()).toEqual(['A']);
    expect(attempts).toEqual([0, 1]); // released: no attempt was counted
  });
});

describe('start-up', () => {
  test('a name that is taken, an option that is not known', () => {
    semel.consume(orders, { name: 'charge' }, () => {});
    expect(() => semel.consume(receipts, { name: 'charge' }, () => {})).toThrow(expect.objectContaining({ code: 'duplicate-name' }));
    expect(() => semel.consume(orders, { name: 'other', retires: {} } as never, () => {})).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => createSemel({ name: 'Not A Name', store: memory() })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('`with` gives the same consumers another store', async () => {
    semel.consume(orders, { name: 'charge' }, () => {});
    const other = semel.with({ store: memory() });
    expect(other.consumers.map(({ name }) => name)).toEqual(['charge']);
    const [charge] = other.consumers;
    if (charge) expect(await other.deliver(charge, order('A'), { times: 2 })).toEqual([{ kind: 'done' }, { kind: 'duplicate' }]);
  });

  test('the store can be used again after stop', async () => {
    semel.consume(orders, { name: 'charge' }, ({ message, tx }) => void write(tx, message.data.id));
    const running = await start();
    await running.stop();
    await semel.publish(orders, order('A'));
    const again = await start();
    await again.idle();
    expect(effects()).toEqual(['A']);
  });
});

test('a message that consumers would refuse for its size is refused at publish', async () => {
  const refused = await semel.publish(receipts, order('A', 'x'.repeat(1_048_576 - 100))).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'too-large', details: { maxBytes: 1_048_576 } });
});
