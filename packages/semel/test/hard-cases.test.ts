import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { createSemel, type Delivery, Reject, type Running, type Semel, type SemelOptions, type StandardSchema, type Transport, topic } from 'semel';
import { peer } from 'semel/peer';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { afterEach, beforeEach, describe, expect, test } from 'vitest';

/** Sequences of events in which an engine like this goes wrong: each lost, doubled, reordered or wedged something once. */

interface Order {
  readonly id: string;
  readonly customer: string;
  readonly lines: string[];
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema: anOrder, id: (o) => `${o.id}/placed`, key: (o) => o.customer });
const notes = topic('notes', { schema: anOrder, id: (o) => `${o.id}/noted` });
const order = (id: string, customer = id, lines: string[] = []): Order => ({ id, customer, lines });
const pass = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

let dir: string;
const services: Semel<SqliteTransaction>[] = [];
const running: Running[] = [];

beforeEach(() => {
  dir = mkdtempSync(join(tmpdir(), 'semel-hard-'));
});

afterEach(async () => {
  await Promise.all(running.splice(0).map((each) => each.stop({ deadlineMs: 200 })));
  await Promise.all(services.splice(0).map((each) => each.close()));
  rmSync(dir, { recursive: true, force: true });
});

function service(file = 'shop.db', more: Partial<SemelOptions<SqliteTransaction>> = {}): Semel<SqliteTransaction> {
  const semel = createSemel({ name: file.replace('.db', ''), store: sqlite(join(dir, file)), ...more });
  services.push(semel);
  return semel;
}

async function start(semel: Semel<SqliteTransaction>): Promise<Running> {
  const started = await semel.start();
  running.push(started);
  return started;
}

async function publishAll(semel: Semel<SqliteTransaction>, ...data: readonly Order[]): Promise<void> {
  await semel.transaction(async ({ publish }) => {
    for (const each of data) await publish(orders, each);
  });
}

function rows(sql: string, file = 'shop.db'): readonly unknown[] {
  const db = new DatabaseSync(join(dir, file), { readOnly: true });
  try {
    return db
      .prepare(sql)
      .all()
      .map((row) => Object.values(row)[0]);
  } finally {
    db.close();
  }
}

function delivery(id: string): Delivery {
  const message = { topic: 'notes', source: 'test', id, type: 'notes', time: '2026-01-01T00:00:00Z', data: order(id), headers: {} };
  return { topic: 'notes', content: { message }, receipt: { kind: 'external' }, attempt: 1 };
}

describe('the order of a key', () => {
  test('holds across the transactions of one lease', async () => {
    const semel = service();
    const seen: string[] = [];
    let failures = 1;
    semel.consume(orders, { name: 'c', group: false, retry: { baseMs: 20 } }, ({ message }) => {
      if (message.data.id === 'k1' && failures-- > 0) throw new Error('once');
      seen.push(message.data.id);
    });
    await publishAll(semel, order('k1', 'K'), order('k2', 'K'), order('k3', 'K'));
    await (await start(semel)).idle();
    expect(seen).toEqual(['k1', 'k2', 'k3']);
  });

  test('holds where the budget is spent right after a failure', async () => {
    const semel = service();
    const seen: string[] = [];
    let failures = 2;
    semel.consume(orders, { name: 'c', retry: { baseMs: 50 } }, async ({ message }) => {
      if (message.data.id === 'k1') await pass(60);
      if (/^[xk]1$/.test(message.data.id) && failures-- > 0) throw new Error('outage');
      seen.push(message.data.id);
    });
    await publishAll(semel, order('x1', 'X'), order('k1', 'K'), order('k2', 'K'));
    await (await start(semel)).idle();
    expect(seen.filter((id) => id.startsWith('k')).slice(-2)).toEqual(['k1', 'k2']);
  });

  test('holds where a message of a set is marked as failed', async () => {
    const semel = service();
    const stored: string[] = [];
    let failures = 1;
    semel.consumeSet(orders, { name: 'c', retry: { baseMs: 20 } }, ({ messages, fail, tx }) => {
      tx.exec('create table if not exists handled (id text)');
      for (const message of messages) {
        if (message.data.id === 'k1' && failures-- > 0) fail(message, new Error('once'));
        else tx.prepare('insert into handled values (?)').run(message.data.id);
      }
      stored.push(...messages.map(({ data }) => data.id));
    });
    await publishAll(semel, order('k1', 'K'), order('k2', 'K'), order('x1', 'X'));
    await (await start(semel)).idle();
    expect(rows('select id from handled').filter((id) => String(id).startsWith('k'))).toEqual(['k1', 'k2']);
  });

  test('holds among handlers that run at once', async () => {
    const semel = service();
    const seen: string[] = [];
    semel.consume(orders, { name: 'c', group: 'concurrent' }, async ({ message }) => {
      await pass(message.data.id === 'k1' ? 30 : 1);
      seen.push(message.data.id);
    });
    await publishAll(semel, order('k1', 'K'), order('k2', 'K'));
    await (await start(semel)).idle();
    expect(seen).toEqual(['k1', 'k2']);
  });

  test('is asked before an at-least-once handler runs, not afterwards', async () => {
    const semel = service();
    const seen: string[] = [];
    const consumer = semel.consume(orders, { name: 'c', guarantee: 'at-least-once', onDeadLetter: 'hold-key' }, ({ message }) => {
      seen.push(message.data.id);
      if (message.data.id === 'k1') throw new Reject({ reason: 'no' });
    });
    await semel.deliver(consumer, order('k1', 'K'));
    expect((await semel.deliver(consumer, order('k2', 'K'))).map(({ kind }) => kind)).toEqual(['parked']);
    expect(seen).toEqual(['k1']);
  });

  test('is refused to at-most-once, which lets go of a message before it is handled', () => {
    expect(() => service().consume(orders, { name: 'c', guarantee: 'at-most-once', order: 'key' }, () => {})).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });
});

describe('a handler that runs again for a neighbour’s sake', () => {
  test('is given its data anew, whatever it did to it before', async () => {
    const semel = service();
    let failures = 1;
    await semel.transaction(({ tx }) => tx.exec('create table lines (what text)'));
    semel.consume(orders, { name: 'c', order: 'none', retry: { baseMs: 1 } }, ({ message, tx }) => {
      const { lines } = message.data;
      for (let line = lines.shift(); line !== undefined; line = lines.shift()) tx.prepare('insert into lines values (?)').run(line);
      if (message.data.id === 'bad' && failures-- > 0) throw new Error('once');
    });
    await publishAll(semel, order('good', 'g', ['a', 'b']), order('bad', 'b', ['c']));
    await (await start(semel)).idle();
    expect(rows('select what from lines order by 1')).toEqual(['a', 'b', 'c']);
  });

  test('and a dead letter holds what arrived, not what the handler left of it', async () => {
    const semel = service();
    const consumer = semel.consume(notes, { name: 'c' }, ({ message }) => {
      message.data.lines.length = 0;
      throw new Reject({ reason: 'no' });
    });
    await semel.deliver(consumer, order('A', 'A', ['a', 'b']));
    const [letter] = await semel.deadLetters.list();
    expect(letter?.message?.data).toMatchObject({ lines: ['a', 'b'] });
  });

  test('alone in its transaction it does not: a publish that is refused is refused at once', async () => {
    const semel = service();
    const runs: number[] = [];
    await semel.publish(notes, order('A', 'first'));
    const consumer = semel.consume(orders, { name: 'c', group: false, publishes: [notes] }, async ({ attempt, publish }) => {
      runs.push(attempt);
      await publish(notes, order('A', 'second'));
    });
    expect(await semel.deliver(consumer, order('k1'))).toEqual([{ kind: 'dead', reason: 'identity-conflict' }]);
    expect(runs).toEqual([1]);
  });
});

describe('nobody else is stopped', () => {
  test('by a result that is no JSON', async () => {
    const semel = service();
    const done: string[] = [];
    semel.consume(orders, { name: 'c', order: 'none', recordResult: true }, ({ message }) => {
      if (message.data.id === 'bad') return { rowid: 1n };
      done.push(message.data.id);
      return 1;
    });
    await publishAll(semel, order('bad'), order('good'));
    await (await start(semel)).idle();
    expect(new Set(done)).toEqual(new Set(['good']));
    expect((await semel.deadLetters.list()).map(({ messageId }) => messageId)).toEqual(['bad/placed']);
  });

  test('by the trouble of another store', async () => {
    const other = service('other.db', { store: sqlite(join(dir, 'missing', 'other.db')) });
    const semel = service();
    const done: string[] = [];
    semel.consume(orders, { name: 'c', order: 'none', retry: { attempts: 2, baseMs: 1 } }, async ({ message }) => {
      if (message.data.id === 'bad') await other.publish(notes, order('y'));
      done.push(message.data.id);
    });
    await publishAll(semel, order('bad'), order('good'));
    await (await start(semel)).idle();
    expect(new Set(done)).toEqual(new Set(['good']));
    expect(await semel.deadLetters.list()).toHaveLength(1);
  });

  test('by a publisher that does not heed its signal', async () => {
    const silent: Transport = {
      ...peer(sqlite(join(dir, 'b.db')), { name: 'silent' }),
      publisher: { keepsKeyOrder: true, publish: () => new Promise<never>(() => {}), close: async () => {} },
    };
    const { subscriber: _, ...publishing } = silent;
    const semel = service('shop.db', { relay: { timeoutMs: 50 }, routes: { orders: publishing } });
    await publishAll(semel, order('A'));
    const started = await semel.start();
    await pass(150);
    await expect(Promise.race([started.stop({ deadlineMs: 200 }).then(() => 'stopped'), pass(5_000)])).resolves.toBe('stopped');
  });

  test('by the abort of another caller', async () => {
    const semel = service();
    const consumer = semel.consume(notes, { name: 'c', guarantee: 'at-least-once' }, () => pass(200).then(() => {}));
    const process = await semel.processor(consumer);
    const client = new AbortController();
    const both = Promise.all([process([delivery('1')], { signal: client.signal }), process([delivery('2')])]);
    setTimeout(() => client.abort(), 50);
    expect((await both).map(([outcome]) => outcome?.kind)).toEqual(['released', 'done']);
  });

  test('by a consumer of the same name on another topic, or in another service', async () => {
    const billing = service('billing.db');
    const got: string[] = [];
    billing.consume(notes, { name: 'mailer' }, ({ message }) => void got.push(message.data.id));
    await start(billing);
    const shop = service('shop.db', { routes: { orders: peer(sqlite(join(dir, 'billing.db'))) } });
    shop.consume(orders, { name: 'mailer' }, ({ message }) => void got.push(message.data.id));
    await start(shop);
    await billing.publish(notes, order('invoice'));
    await billing.publish(orders, order('later'));
    await expect.poll(() => got.toSorted(), { timeout: 5_000 }).toEqual(['invoice', 'later']);
    const impostor = service('billing.db');
    impostor.consume(orders, { name: 'mailer' }, () => {});
    await expect(impostor.start()).rejects.toMatchObject({ code: 'duplicate-name' });
  });
});

describe('leases', () => {
  test('of a long batch are kept alive to its end', async () => {
    const lost: string[] = [];
    const attempts: number[] = [];
    const make = () => {
      const semel = service();
      semel.observe(({ type }) => {
        if (type === 'lost') lost.push(type);
      });
      semel.consume(notes, { name: 'c', group: false, leaseMs: 400, timeoutMs: 5_000 }, async ({ attempt }) => {
        attempts.push(attempt);
        await pass(50);
      });
      return semel;
    };
    const [a, b] = [make(), make()];
    await a.transaction(async ({ publish }) => {
      for (let index = 0; index < 20; index++) await publish(notes, order(String(index)));
    });
    const first = await start(a);
    await expect.poll(() => attempts.length, { interval: 5 }).toBeGreaterThan(0);
    const second = await start(b);
    await first.idle();
    await second.idle();
    expect(lost).toEqual([]);
    expect(attempts).toEqual(Array(20).fill(1));
  });
});

describe('a circuit breaker', () => {
  test('does not keep a lone poison message alive for ever', async () => {
    const semel = service();
    semel.consume(notes, { name: 'c', retry: { attempts: 6, baseMs: 1 }, circuitBreaker: { failures: 3, resetMs: 5 } }, () => {
      throw new Error('poison');
    });
    await semel.publish(notes, order('A'));
    await (await start(semel)).idle();
    expect(await semel.deadLetters.list()).toHaveLength(1);
  });

  test('is not opened by what no retry can mend', async () => {
    const semel = service();
    let paused = 0;
    semel.observe(({ type }) => {
      if (type === 'paused') paused += 1;
    });
    const consumer = semel.consume(notes, { name: 'c', circuitBreaker: { failures: 3 } }, () => {
      throw new Reject({ reason: 'bad input' });
    });
    await semel.process(consumer, ['1', '2', '3', '4'].map(delivery));
    expect(paused).toBe(0);
  });
});

describe('calls that would wait for themselves are refused', () => {
  test.each(['pause', 'resume', 'remove', 'prune', 'processor', 'start', 'close'] as const)('%s inside a transaction of the same store', async (what) => {
    const semel = service();
    const consumer = semel.consume(notes, { name: 'c' }, () => {});
    const calls = {
      pause: () => semel.pause('c'),
      resume: () => semel.resume('c'),
      remove: () => semel.remove('c'),
      prune: () => semel.prune(),
      processor: () => semel.processor(consumer),
      start: () => semel.start(),
      close: () => semel.close(),
    };
    await expect(semel.transaction(async () => void (await calls[what]()))).rejects.toMatchObject({ code: 'nested-transaction' });
  });

  test('also through a transaction of another store', async () => {
    const [a, b] = [service('a.db'), service('b.db')];
    await expect(a.transaction(() => b.transaction(async () => void (await a.publish(notes, order('A')))))).rejects.toMatchObject({ code: 'nested-transaction' });
  });

  test('a publish with the user’s own transaction into a store that is not open', async () => {
    await service().publish(notes, order('warm'));
    const semel = service();
    const db = new DatabaseSync(join(dir, 'shop.db'));
    db.exec('begin immediate');
    await expect(semel.publish(notes, order('A'), { tx: db })).rejects.toMatchObject({ code: 'not-running' });
    db.exec('rollback');
    await semel.open();
    db.exec('begin immediate');
    await semel.publish(notes, order('A'), { tx: db });
    db.exec('commit');
    db.close();
    expect(rows('select id from semel_messages order by seq')).toEqual(['warm/noted', 'A/noted']);
  });
});

describe('what would be lost silently is said', () => {
  test('a publish that nobody awaits', async () => {
    const slowly: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: async (value) => pass(5).then(() => ({ value: value as Order })) } };
    const slow = topic('slow', { schema: slowly, id: (o) => o.id });
    const semel = service();
    const consumer = semel.consume(notes, { name: 'c', publishes: [slow] }, ({ publish }) => {
      publish(slow, order('A')).catch(() => {});
    });
    expect(await semel.deliver(consumer, order('1'))).toEqual([{ kind: 'dead', reason: 'transaction-over' }]);
    await pass(20);
  });

  test('dates and windows that are none', async () => {
    const semel = service();
    await expect(semel.publish(notes, order('A'), { notBefore: new Date('tomorrow') })).rejects.toMatchObject({ code: 'bad-option' });
    expect(() => semel.consume(notes, { name: 'c', from: new Date('x') }, () => {})).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => semel.consume(notes, { name: 'c', circuitBreaker: { failures: -1 } }, () => {})).toThrow(expect.objectContaining({ code: 'bad-option' }));
    expect(() => service('x.db', { retention: { inboxMs: -1 } })).toThrow(expect.objectContaining({ code: 'bad-option' }));
  });

  test('the id of a set’s publish that nothing determines', async () => {
    const anonymous = topic('anonymous', { schema: anOrder });
    const semel = service();
    const consumer = semel.consumeSet(notes, { name: 'c', publishes: [anonymous] }, async ({ messages, publish }) => {
      for (const message of messages) await publish(anonymous, message.data);
    });
    expect(await semel.process(consumer, [delivery('1')])).toEqual([{ kind: 'dead', reason: 'field-missing' }]);
  });
});

test('trap 40: no payload is in an event or an error', async () => {
  const seen: unknown[] = [];
  const strict: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: () => ({ issues: [{ message: 'is refused', path: ['card'] }] }) } };
  const cards = topic('cards', { schema: strict, id: (o) => o.id });
  const semel = service('shop.db', { observe: (event) => void seen.push(event) });
  const consumer = semel.consume(cards, { name: 'c' }, () => {});
  const secret = '4111-1111-1111-1111';
  await semel.publish(cards, order(secret)).catch((error: unknown) => seen.push(error));
  const bytes = new TextEncoder().encode(`{"specversion":"1.0","id":"1","source":"s","type":"cards","data":{"card":"${secret}"}}`);
  await semel.process(consumer, [{ topic: 'cards', content: { bytes }, receipt: { kind: 'external' }, attempt: 1 }]);
  seen.push(...(await semel.deadLetters.list()).map(({ reason, history }) => ({ reason, history })));
  expect(seen.length).toBeGreaterThan(5);
  const told = JSON.stringify(seen, (_name, value) => (value instanceof Error ? { ...value, message: value.message, stack: value.stack } : value));
  expect(told).not.toContain(secret);
});

test('idle does not wait for a consumer that is paused', async () => {
  const semel = service();
  semel.consume(notes, { name: 'c' }, () => {});
  const started = await start(semel);
  await semel.pause('c');
  await semel.publish(notes, order('A'));
  await expect(Promise.race([started.idle().then(() => 'idle'), pass(3_000)])).resolves.toBe('idle');
});

test('a pause holds for what a peer brings, too', async () => {
  const owner = service('owner.db');
  const semel = service('shop.db', { routes: { orders: peer(sqlite(join(dir, 'owner.db'))) } });
  const seen: string[] = [];
  semel.consume(orders, { name: 'c' }, ({ message }) => void seen.push(message.data.id));
  const started = await start(semel);
  await semel.pause('c');
  await owner.publish(orders, order('A'));
  await started.idle();
  await pass(100);
  expect(seen).toEqual([]);
  await semel.resume('c');
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['A']);
});

test('whatever ends an at-most-once handler is a dead letter, with its own reason', async () => {
  const other = service('other.db', { store: sqlite(join(dir, 'missing', 'other.db')) });
  const semel = service();
  const consumer = semel.consume(notes, { name: 'c', guarantee: 'at-most-once' }, async () => void (await other.publish(notes, order('y'))));
  expect(await semel.deliver(consumer, order('A'))).toEqual([{ kind: 'dead', reason: expect.stringMatching(/^store-/) }]);
});

test('a consumer of a peer starts where it says', async () => {
  const owner = service('owner.db');
  await owner.publish(orders, order('old'));
  const semel = service('shop.db', { routes: { orders: peer(sqlite(join(dir, 'owner.db'))) } });
  const seen: string[] = [];
  semel.consume(orders, { name: 'c', from: 'now' }, ({ message }) => void seen.push(message.data.id));
  await start(semel);
  await owner.publish(orders, order('new'));
  await expect.poll(() => seen, { timeout: 5_000 }).toEqual(['new']);
});

test('what a function parked or redrove is drained by a function', async () => {
  const semel = service();
  let broken = true;
  const ran: string[] = [];
  const consumer = semel.consume(orders, { name: 'fn', onDeadLetter: 'hold-key' }, ({ message }) => {
    if (broken) throw new Reject({ reason: 'broken' });
    ran.push(message.data.id);
  });
  await semel.deliver(consumer, order('k1', 'K'));
  broken = false;
  expect((await semel.deliver(consumer, order('k2', 'K'))).map(({ kind }) => kind)).toEqual(['parked']);
  const [letter] = await semel.deadLetters.list();
  await semel.deadLetters.redrive(letter?.id ?? 0);
  expect((await semel.drain(consumer)).map(({ kind }) => kind)).toEqual(['done', 'done']);
  expect(ran).toEqual(['k1', 'k2']);
});
