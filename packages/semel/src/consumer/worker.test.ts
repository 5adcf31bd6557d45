import { expect, test } from 'vitest';
import type { Delivery, Process } from '../core/delivery.ts';
import { Gate } from '../core/gate.ts';
import { Lifecycle } from '../core/lifecycle.ts';
import type { Feed, Settled } from '../core/transport.ts';
import { type ManualRuntime, manualRuntime } from '../testing/manual-runtime.ts';
import { Worker } from './worker.ts';

const LEASE_MS = 30_000;
const delivery: Delivery = { topic: 'orders', content: { bytes: new Uint8Array() }, receipt: { kind: 'external' }, attempt: 1 };

interface Bench {
  readonly runtime: ManualRuntime;
  readonly worker: Worker;
  /** What was done, in its order. */
  readonly log: string[];
}

/** A worker whose feed brings one delivery, and which handles it for `workMs`. */
function bench(workMs: number, extend: Feed['extend'] = async () => []): Bench {
  const runtime = manualRuntime();
  const log: string[] = [];
  let brought = false;
  const feed: Feed = {
    receive: async ({ signal }) => {
      if (brought) await runtime.scheduler.sleep(Number.MAX_SAFE_INTEGER, signal);
      const deliveries = brought ? [] : [delivery];
      brought = true;
      return deliveries;
    },
    settle: async (settled: readonly Settled[]) => void log.push(...settled.map(({ outcome }) => `settled ${outcome.kind}`)),
    extend: async (deliveries) => {
      log.push('extended');
      return extend(deliveries);
    },
    close: async () => {},
  };
  const process: Process = async (deliveries, { signal } = {}) => {
    await runtime.scheduler.sleep(workMs, signal);
    log.push(signal?.aborted ? 'interrupted' : 'committed');
    return deliveries.map(() => ({ kind: signal?.aborted ? 'released' : 'done' }));
  };
  const worker = new Worker({ name: 'charge', gate: new Gate(runtime), process }, feed, runtime, new Lifecycle(), { max: 10, concurrency: 1, leaseMs: LEASE_MS });
  worker.start();
  return { runtime, worker, log };
}

/** Lets thirds of a lease pass, one after another: at the end of each a heartbeat is due. */
async function thirds({ runtime }: Bench, count: number): Promise<void> {
  for (let passed = 0; passed < count; passed++) await runtime.advance(LEASE_MS / 3);
}

async function stop({ worker, runtime }: Bench): Promise<void> {
  const stopping = worker.stop(new AbortController().signal);
  await runtime.advance(1);
  await stopping;
}

test('trap 24: acknowledges after the commit, and not before', async () => {
  const b = bench(1_000);
  await b.runtime.advance(999);
  expect(b.log).toEqual([]);
  expect(b.worker.busy).toBe(true);
  await b.runtime.advance(1);
  expect(b.log).toEqual(['committed', 'settled done']);
  expect(b.worker.busy).toBe(false);
  await stop(b);
});

test('trap 25: prolongs a lease for as long as its handler works, and no longer', async () => {
  const b = bench(LEASE_MS + 1);
  await thirds(b, 3);
  expect(b.log).toEqual(['extended', 'extended', 'extended']);
  await thirds(b, 3);
  expect(b.log.slice(3)).toEqual(['committed', 'settled done']);
  await stop(b);
});

test('trap 25: a lease that is another’s by now ends the handler', async () => {
  const b = bench(10 * LEASE_MS, async (deliveries) => deliveries);
  await thirds(b, 1);
  expect(b.log).toEqual(['extended', 'interrupted', 'settled released']);
  await stop(b);
});

test('a lease that could not be prolonged just now is tried again', async () => {
  let calls = 0;
  const b = bench(LEASE_MS - 1, async () => {
    if (++calls === 1) throw new Error('no connection');
    return [];
  });
  await thirds(b, 3);
  expect(calls).toBeGreaterThan(1);
  expect(b.log.slice(-2)).toEqual(['committed', 'settled done']);
  await stop(b);
});

test('asks for no more than its time was long enough for the last time, and for more again once it is', async () => {
  const runtime = manualRuntime();
  const asked: number[] = [];
  const feed: Feed = {
    receive: async ({ max, signal }) => {
      asked.push(max);
      if (asked.length > 4) await runtime.scheduler.sleep(Number.MAX_SAFE_INTEGER, signal);
      return asked.length > 4 ? [] : Array.from({ length: max }, () => delivery);
    },
    settle: async () => {},
    extend: async () => [],
    close: async () => {},
  };
  const process: Process = async (deliveries) => deliveries.map((_, index) => ({ kind: asked.length === 1 && index >= 3 ? 'released' : 'done' }));
  const worker = new Worker({ name: 'charge', gate: new Gate(runtime), process }, feed, runtime, new Lifecycle(), { max: 10, concurrency: 1, leaseMs: LEASE_MS });
  worker.start();
  while (asked.length < 5) await runtime.advance(1);
  expect(asked).toEqual([10, 2, 3, 4, 5]);
  await stop({ runtime, worker, log: [] });
});
