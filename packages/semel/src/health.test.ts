import { mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { expect, test } from 'vitest';
import { systemRuntime } from './core/runtime.ts';
import type { StandardSchema } from './core/standard-schema.ts';
import { topic } from './core/topic.ts';
import { createSemel, type Semel } from './semel.ts';
import { postgres } from './stores/postgres/index.ts';
import { sqlite } from './stores/sqlite/index.ts';
import { memory } from './testing/models/memory-store.ts';

const MINUTE_MS = 60_000;
const schema: StandardSchema<string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as string }) } };
const orders = topic('orders', { schema, id: (id) => id });

/** A service with messages that wait, under a clock that a test moves. */
async function shop(): Promise<{ readonly semel: Semel; readonly clock: { nowMs: number } }> {
  const clock = { nowMs: Date.UTC(2026, 0, 1) };
  const semel: Semel = createSemel({ name: 'shop', store: memory(), runtime: { ...systemRuntime, clock: { now: () => clock.nowMs } } });
  await semel.processor(semel.consume(orders, { name: 'payments' }, () => {}));
  return { semel, clock };
}

test('a service with nothing to do is well', async () => {
  const { semel } = await shop();
  const payments = { name: 'payments', kind: 'local', ok: true, lagMs: 0, backlog: 0, deadLetters: 0, paused: false };
  expect(await semel.health({ maxLagMs: 0, maxBacklog: 0, maxDeadLetters: 0 })).toEqual({ ok: true, reachable: true, schemaOk: true, consumers: [payments] });
});

test('lag and backlog count only against a limit, and a pause is no illness', async () => {
  const { semel, clock } = await shop();
  await semel.pause('payments');
  await semel.publish(orders, 'A1');
  clock.nowMs += 2 * MINUTE_MS;
  expect(await semel.health()).toMatchObject({ ok: true, consumers: [{ ok: true, lagMs: 2 * MINUTE_MS, backlog: 1, paused: true }] });
  expect(await semel.health({ maxLagMs: 2 * MINUTE_MS, maxBacklog: 1 })).toMatchObject({ ok: true });
  expect(await semel.health({ maxLagMs: 2 * MINUTE_MS - 1 })).toMatchObject({ ok: false, reachable: true, schemaOk: true, consumers: [{ ok: false }] });
  expect(await semel.health({ maxBacklog: 0 })).toMatchObject({ ok: false });
});

test('dead letters count against their limit', async () => {
  const { semel } = await shop();
  const refusing = semel.consume(orders, { name: 'refusing', retry: { attempts: 1 } }, () => {
    throw new Error('no');
  });
  await semel.deliver(refusing, 'A1');
  expect(await semel.health({ maxDeadLetters: 0 })).toMatchObject({
    ok: false,
    consumers: expect.arrayContaining([expect.objectContaining({ name: 'refusing', deadLetters: 1, ok: false })]),
  });
});

test('a schema that is missing is told apart from a database that is away', async () => {
  const folder = mkdtempSync(join(tmpdir(), 'semel-health-'));
  const semel = createSemel({ name: 'shop', store: sqlite(join(folder, 'shop.db'), { migrate: false }) });
  expect(await semel.health()).toMatchObject({ ok: false, reachable: true, schemaOk: false, consumers: [], trouble: { code: 'schema-missing' } });
  await semel.close();
  rmSync(folder, { recursive: true });
});

test('a server that is not there, and one that never answers, are told within the timeout', async () => {
  const silent = createServer(() => {});
  await new Promise<void>((resolve) => silent.listen(0, '127.0.0.1', resolve));
  const { port } = silent.address() as { readonly port: number };
  const health = async (url: string) => {
    const pool = new pg.Pool({ connectionString: url });
    const semel = createSemel({ name: 'shop', store: postgres(pool) });
    return semel.health({ timeoutMs: 200 });
  };
  expect(await health(`postgres://127.0.0.1:${port}/shop`)).toMatchObject({
    ok: false,
    reachable: false,
    trouble: { code: 'store-unavailable', message: expect.stringContaining('200 ms') },
  });
  expect(await health('postgres://127.0.0.1:1/shop')).toMatchObject({ ok: false, reachable: false, trouble: { code: 'store-unavailable' } });
  silent.close();
});

test.each([{ timeoutMs: 0 }, { maxLagMs: -1 }, { maxLag: 1 }])('a wrong option is a mistake, not an illness: %o', async (options) => {
  const { semel } = await shop();
  await expect(semel.health(options)).rejects.toMatchObject({ code: 'bad-option' });
});
