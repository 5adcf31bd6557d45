import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { afterEach, beforeEach, expect, test } from 'vitest';
import type { StandardSchema } from './core/standard-schema.ts';
import { Reject } from './core/throwables.ts';
import { topic } from './core/topic.ts';
import type { Running } from './running.ts';
import { createSemel, type Semel } from './semel.ts';
import { type SqliteTransaction, sqlite } from './stores/sqlite/index.ts';
import { peer } from './transports/peer/index.ts';

type Order = { id: string; customer: string; lines?: string[] };
const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema: anOrder, id: (o) => `${o.id}/placed`, key: (o) => o.customer });
const loose = topic('loose', { schema: anOrder, id: (o) => `${o.id}/x` });
const o = (id: string, customer = id, lines: string[] = []): Order => ({ id, customer, lines });
let dir: string;
const all: Semel<any>[] = [];
const started: Running[] = [];
const mk = (file = 'shop.db', more: object = {}, so: object = {}) => {
  const s = createSemel({ name: 'shop', store: sqlite(join(dir, file), so), ...more }) as Semel<SqliteTransaction>;
  all.push(s);
  return s;
};
const go = async (s: Semel<any>) => { const r = await s.start(); started.push(r); return r; };
beforeEach(() => { dir = mkdtempSync(join(tmpdir(), 'atk-')); });
afterEach(async () => {
  const wait = (p: Promise<unknown>) => Promise.race([p.catch(() => {}), new Promise((r) => setTimeout(r, 1500))]);
  await wait(Promise.all(started.splice(0).map((r) => r.stop({ deadlineMs: 200 }))));
  await wait(Promise.all(all.splice(0).map((s) => s.close())));
  rmSync(dir, { recursive: true, force: true });
});
const until = async (f: () => boolean | Promise<boolean>, ms = 6000) => { const end = Date.now() + ms; while (!(await f())) { if (Date.now() > end) throw new Error('timeout'); await new Promise((r) => setTimeout(r, 5)); } };

test('F1 order across the groups of one lease (group: false)', async () => {
  const s = mk(); const seen: string[] = []; let fails = 1;
  s.consume(orders, { name: 'c', group: false, retry: { baseMs: 50 } }, ({ message }) => {
    if (message.data.id === 'k1' && fails-- > 0) throw new Error('once');
    seen.push(message.data.id);
  });
  await s.transaction(async ({ publish }) => { for (const id of ['k1', 'k2', 'k3']) await publish(orders, o(id, 'K')); });
  const r = await go(s); await r.idle();
  expect(seen).toEqual(['k1', 'k2', 'k3']);
});

test('F1b order across the groups with the default group (budget spent)', async () => {
  const s = mk(); const seen: string[] = []; let fails = 2;
  s.consume(orders, { name: 'c', retry: { baseMs: 500 } }, async ({ message }) => {
    await new Promise((r) => setTimeout(r, 30));
    if (message.data.id === 'k1' && fails-- > 0) throw new Error('once');
    seen.push(message.data.id);
  });
  await s.transaction(async ({ publish }) => { for (const [id, k] of [['k1', 'K'], ['x1', 'X'], ['x2', 'X'], ['x3', 'X'], ['k2', 'K']]) await publish(orders, o(id as string, k)); });
  const r = await go(s); await r.idle();
  expect(seen.filter((x) => x.startsWith('k')).filter((v, i, a) => a.indexOf(v) === i)).toEqual(['k1', 'k2']);
});

test('F2 heartbeat takes settled rows for lost ones and aborts an innocent handler', async () => {
  const s = mk(); const aborted: string[] = []; const runs: string[] = [];
  s.consume(loose, { name: 'c', group: false, leaseMs: 300, timeoutMs: 5000 }, async ({ message, signal }) => {
    runs.push(message.data.id);
    await new Promise((r) => setTimeout(r, 60));
    if (signal.aborted) aborted.push(`${message.data.id}: ${(signal.reason as Error).message}`);
  });
  await s.transaction(async ({ publish }) => { for (let i = 0; i < 10; i++) await publish(loose, o(String(i))); });
  const r = await go(s); await r.idle();
  expect(aborted).toEqual([]);
  expect(runs.length).toBe(10);
});

test('F3 a handler that consumes its data loses its effect when a neighbour fails', async () => {
  const s = mk(); let fails = 1;
  await s.transaction(({ tx }) => tx.exec('create table lines (what text)'));
  s.consume(loose, { name: 'c' }, ({ message, tx }) => {
    const lines = message.data.lines as string[];
    for (let line = lines.shift(); line !== undefined; line = lines.shift()) tx.prepare('insert into lines values (?)').run(line);
    if (message.data.id === 'bad' && fails-- > 0) throw new Error('once');
  });
  await s.transaction(async ({ publish }) => { await publish(loose, o('good', 'g', ['a', 'b'])); await publish(loose, o('bad', 'b', ['c'])); });
  const r = await go(s); await r.idle();
  const db = new DatabaseSync(join(dir, 'shop.db'), { readOnly: true });
  const got = db.prepare('select what from lines order by 1').all().map((x: any) => x.what); db.close();
  expect(got).toEqual(['a', 'b', 'c']);
});

test('F3b the payload of a dead letter is what the handler left of it', async () => {
  const s = mk();
  const c = s.consume(loose, { name: 'c' }, ({ message }) => { (message.data.lines as string[]).length = 0; throw new Reject({ reason: 'no' }); });
  await s.deliver(c, o('A', 'A', ['a', 'b']));
  const [letter] = await s.deadLetters.list();
  expect((letter?.message?.data as Order).lines).toEqual(['a', 'b']);
});

test('F4 a result that JSON cannot hold stops the whole consumer for ever', async () => {
  const s = mk(); const done = new Set<string>(); let runs = 0;
  s.consume(loose, { name: 'c', recordResult: true, retry: { attempts: 2, baseMs: 1 } }, ({ message }) => {
    runs++;
    if (message.data.id === 'bad') return { rowid: 1n };
    done.add(message.data.id);
    return 1;
  });
  await s.transaction(async ({ publish }) => { await publish(loose, o('bad')); await publish(loose, o('good')); });
  await go(s);
  await new Promise((r) => setTimeout(r, 2500));
  console.log('F4 runs', runs, JSON.stringify((await s.status())[0]?.backlog));
  expect((await s.deadLetters.list()).length).toBe(1);
});

test('F5 semel.pause inside a transaction of the same store waits for itself', async () => {
  const s = mk(); s.consume(loose, { name: 'c' }, () => {}); await go(s);
  const t = s.transaction(async () => { await s.pause('c'); });
  const end = await Promise.race([t.then(() => 'ok', (e) => e.code), new Promise((r) => setTimeout(r, 3000, 'deadlock'))]);
  expect(end).toBe('nested-transaction');
});

test('F6 the first publish with the user’s own tx', async () => {
  await mk().publish(loose, o('warm')); // the schema is there
  const s = mk('shop.db', {}, { lockTimeoutMs: 500 });
  const db = new DatabaseSync(join(dir, 'shop.db'));
  db.exec('begin immediate');
  const end = await s.publish(loose, o('A'), { tx: db }).then(() => 'ok', (e) => `${e.code}: ${e.message}`);
  db.exec('rollback'); db.close();
  expect(end).toBe('ok');
});

test('F7 with a circuit breaker a lone poison message never dies', async () => {
  const s = mk(); let runs = 0;
  s.consume(loose, { name: 'c', retry: { attempts: 8, baseMs: 1 }, circuitBreaker: { failures: 5, resetMs: 5 } }, () => { runs++; throw new Error('poison'); });
  await s.publish(loose, o('A')); await go(s);
  await until(() => runs > 100);
  expect((await s.deadLetters.list()).length).toBe(1);
});

test('F8 the same name on another topic takes the subscription over and loses messages', async () => {
  const billing = mk('billing.db'); const got: string[] = [];
  billing.consume(loose, { name: 'mailer' }, ({ message }) => void got.push(message.data.id));
  const r0 = await billing.start(); await r0.idle(); // joined, running
  const shop = mk('shop.db', { routes: { orders: peer(sqlite(join(dir, 'billing.db'))) } });
  shop.consume(orders, { name: 'mailer' }, () => {});
  const err = await go(shop).then(() => undefined, (e) => e.code);
  await billing.publish(loose, o('invoice'));
  await billing.publish(orders, o('later'));
  await new Promise((r) => setTimeout(r, 1200));
  console.log('F8', err, JSON.stringify((await billing.status()).map((x) => [x.name, x.topic, x.backlog, x.deadLetters])), got);
  started.push(r0);
  expect(got).toContain('invoice');
});

test('F9 a failed message of a set does not hold its key', async () => {
  const s = mk(); const seen: string[] = []; let fails = 1;
  s.consumeSet(orders, { name: 'c', retry: { baseMs: 20 } }, ({ messages, fail }) => {
    for (const m of messages) { if (m.data.id === 'k1' && fails-- > 0) fail(m, new Error('once')); else seen.push(m.data.id); }
  });
  await s.transaction(async ({ publish }) => { for (const id of ['k1', 'k2']) await publish(orders, o(id, 'K')); });
  const r = await go(s); await r.idle();
  expect(seen).toEqual(['k1', 'k2']);
});

test('F10 concurrent group runs one key at once', async () => {
  const s = mk(); const seen: string[] = [];
  s.consume(orders, { name: 'c', group: 'concurrent', order: 'key' }, async ({ message }) => {
    await new Promise((r) => setTimeout(r, message.data.id === 'k1' ? 30 : 1));
    seen.push(message.data.id);
  });
  await s.transaction(async ({ publish }) => { for (const id of ['k1', 'k2']) await publish(orders, o(id, 'K')); });
  const r = await go(s); await r.idle();
  expect(seen).toEqual(['k1', 'k2']);
});

test('F10b in a concurrent group a savepoint of one handler undoes its neighbour', async () => {
  const s = mk();
  await s.transaction(({ tx }) => tx.exec('create table e (what text)'));
  s.consume(loose, { name: 'c', group: 'concurrent' }, async ({ message, tx }) => {
    if (message.data.id === 'a') { tx.exec('savepoint mine'); await new Promise((r) => setTimeout(r, 20)); tx.exec('rollback to mine; release mine'); }
    else { await new Promise((r) => setTimeout(r, 5)); tx.exec("insert into e values ('b')"); }
  });
  await s.transaction(async ({ publish }) => { for (const id of ['a', 'b']) await publish(loose, o(id)); });
  const r = await go(s); await r.idle();
  const db = new DatabaseSync(join(dir, 'shop.db'), { readOnly: true });
  const got = db.prepare('select what from e').all().length; db.close();
  expect(got).toBe(1);
});

test('F11 at-least-once: a held key is handled all the same', async () => {
  const s = mk(); const seen: string[] = [];
  const c = s.consume(orders, { name: 'c', guarantee: 'at-least-once', onDeadLetter: 'hold-key' }, ({ message }) => {
    seen.push(message.data.id);
    if (message.data.id === 'k1') throw new Reject({ reason: 'no' });
  });
  await s.deliver(c, o('k1', 'K'));
  const out = await s.deliver(c, o('k2', 'K'));
  expect({ out: out.map((x) => x.kind), seen }).toEqual({ out: ['parked'], seen: ['k1'] });
});

test('F12 group: false runs the outside call twice in one attempt', async () => {
  const s = mk(); const runs: number[] = [];
  await s.publish(loose, o('A', 'first'));
  const c = s.consume(orders, { name: 'c', group: false, publishes: [loose] }, async ({ attempt, publish }) => { runs.push(attempt); await publish(loose, o('A', 'second')); });
  await s.deliver(c, o('k1'));
  expect(runs).toEqual([1]);
});

test('F13 a route joined after the first publish drops what was published', async () => {
  const web = mk('shop.db'); // publishes only; the relay runs in another process
  await web.publish(orders, o('A'));
  const worker = mk('shop.db', { routes: { orders: peer(sqlite(join(dir, 'billing.db'))) } });
  const r = await go(worker); await r.idle();
  const db = new DatabaseSync(join(dir, 'billing.db'), { readOnly: true });
  const n = db.prepare("select count(*) as n from sqlite_schema where name = 'semel_messages'").get() as any;
  const m = n.n === 0 ? 0 : (db.prepare('select count(*) as n from semel_messages').get() as any).n; db.close();
  expect(m).toBe(1);
});

test('F14 a publisher that does not heed its signal stops the relay and stop() for ever', async () => {
  const silent = { keepsKeyOrder: true, publish: () => new Promise<never>(() => {}), close: async () => {} };
  const s = mk('shop.db', { relay: { timeoutMs: 50 }, routes: { orders: { ...peer(sqlite(join(dir, 'b.db'))), name: 'silent', publisher: silent, subscriber: undefined } } });
  await s.publish(orders, o('A'));
  const r = await s.start();
  await new Promise((x) => setTimeout(x, 300));
  const end = await Promise.race([r.stop({ deadlineMs: 200 }).then(() => 'stopped'), new Promise((x) => setTimeout(x, 2500, 'hangs'))]);
  expect(end).toBe('stopped');
});

test('F15 from: now is not passed to the transport', async () => {
  const shop = mk('shop.db', { routes: { orders: peer(sqlite(join(dir, 'b.db')), { name: 'b' }) } });
  const owner = mk('b.db'); await owner.publish(orders, o('old'));
  const seen: string[] = [];
  shop.consume(orders, { name: 'c', from: 'now' }, ({ message }) => void seen.push(message.data.id));
  const r = await go(shop); await r.idle();
  expect(seen).toEqual([]);
});

test('F16 a store error of ANOTHER store in one handler stops everybody', async () => {
  const other = mk('other.db'); await other.publish(loose, o('x')); await other.close();
  const s = mk(); const done: string[] = [];
  s.consume(orders, { name: 'c', retry: { attempts: 2, baseMs: 1 } }, async ({ message }) => {
    if (message.data.id === 'bad') await other.publish(loose, o('y'));
    done.push(message.data.id);
  });
  await s.transaction(async ({ publish }) => { await publish(orders, o('bad')); await publish(orders, o('good')); });
  await go(s);
  await new Promise((r) => setTimeout(r, 2500));
  expect((await s.deadLetters.list()).length).toBe(1);
});

test('F17 set: a failed first message’s derived id is taken by a neighbour’s publish', async () => {
  const noId = topic('noid', { schema: anOrder });
  const s = mk(); let fails = 1;
  s.consumeSet(loose, { name: 'c', publishes: [noId], retry: { baseMs: 5 } }, async ({ messages, fail, publish }) => {
    for (const m of messages) {
      if (m.data.id === 'm1' && fails-- > 0) { fail(m, new Error('once')); continue; }
      await publish(noId, m.data);
    }
  });
  await s.transaction(async ({ publish }) => { await publish(loose, o('m1')); await publish(loose, o('m2')); });
  const r = await go(s); await r.idle();
  expect((await s.deadLetters.list()).map((d) => d.reason)).toEqual([]);
});

test('F18 one caller’s signal interrupts another caller’s handler', async () => {
  const s = mk();
  const c = s.consume(loose, { name: 'c', guarantee: 'at-least-once' }, async () => void (await new Promise((r) => setTimeout(r, 300))));
  const process = await s.processor(c);
  const d = (id: string) => ({ topic: 'loose', content: { message: { topic: 'loose', source: 's', id, type: 'loose', time: '2026-01-01T00:00:00Z', data: o(id), headers: {} } }, receipt: { kind: 'external' as const }, attempt: 1 });
  const client = new AbortController();
  const one = process([d('1')], { signal: client.signal });
  const two = process([d('2')]);
  setTimeout(() => client.abort(), 50);
  expect((await Promise.all([one, two])).map(([x]) => x?.kind)).toEqual(['released', 'done']);
});

test('F19 a forgotten await of publish in a transaction', async () => {
  const s = mk(); const errors: string[] = [];
  const on = (e: any) => errors.push(e.code); process.on('unhandledRejection', on);
  await s.transaction(({ publish }) => { void publish(loose, o('A')).catch(on); });
  await new Promise((r) => setTimeout(r, 50)); process.off('unhandledRejection', on);
  const db = new DatabaseSync(join(dir, 'shop.db'), { readOnly: true });
  const n = (db.prepare('select count(*) as n from semel_messages').get() as any).n; db.close();
  expect({ n, errors }).toEqual({ n: 1, errors: [] });
});

test('F20 invalid dates', async () => {
  const s = mk(); const seen: string[] = [];
  await s.publish(loose, o('A'), { notBefore: new Date('tomorrow') }).then(() => seen.push('accepted'), () => {});
  expect(seen).toEqual([]);
});
