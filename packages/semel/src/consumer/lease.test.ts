import { expect, test } from 'vitest';
import type { Delivery } from '../core/delivery.ts';
import type { Feed } from '../core/transport.ts';
import { manualRuntime } from '../testing/manual-runtime.ts';
import { Lease } from './lease.ts';

const LEASE_MS = 30_000;
const BEAT_MS = LEASE_MS / 3;

function item(seq: number): Delivery {
  return { topic: 'orders', content: { bytes: new Uint8Array() }, receipt: { kind: 'item', item: seq, fence: 1 }, attempt: 1 };
}

const [first, second] = [item(1), item(2)];
const external: Delivery = { ...first, receipt: { kind: 'external' } };

/** A lease whose feed says what of it is lost. */
function leaseOf(deliveries: readonly Delivery[], extend: Feed['extend'] = async () => []) {
  const runtime = manualRuntime();
  const asked: (readonly Delivery[])[] = [];
  const feed: Feed = {
    receive: async () => [],
    settle: async () => {},
    extend: (open) => {
      asked.push(open);
      return extend(open);
    },
    close: async () => {},
  };
  return { runtime, asked, lease: new Lease(deliveries, feed, runtime, LEASE_MS) };
}

test.each(['done', 'duplicate', 'parked', 'lost'] as const)('what its own transaction settled as %s is prolonged no more', async (kind) => {
  const { runtime, asked, lease } = leaseOf([first, second]);
  lease.answered(first, { kind });
  expect(lease.open).toEqual([second]);
  await runtime.advance(BEAT_MS);
  expect(asked).toEqual([[second]]);
});

test('what is still to be acknowledged or given back is prolonged', async () => {
  const { runtime, asked, lease } = leaseOf([external, second]);
  lease.answered(external, { kind: 'done' });
  lease.answered(second, { kind: 'released' });
  await runtime.advance(BEAT_MS);
  expect(asked).toEqual([[external, second]]);
});

test('where all is settled nothing is asked', async () => {
  const { runtime, asked, lease } = leaseOf([first]);
  lease.answered(first, { kind: 'done' });
  await runtime.advance(BEAT_MS);
  expect(asked).toEqual([]);
});

test('trap 25: what is lost interrupts the handlers, and is not asked for again', async () => {
  const { runtime, asked, lease } = leaseOf([first, second], async () => [first]);
  await runtime.advance(BEAT_MS);
  expect([lease.signal.aborted, lease.open]).toEqual([true, [second]]);
  await runtime.advance(BEAT_MS);
  expect(asked).toEqual([[first, second], [second]]);
});

test('what was settled while it was being prolonged is not lost', async () => {
  const { runtime, lease } = leaseOf([first, second], async () => {
    lease.answered(first, { kind: 'done' });
    return [first];
  });
  await runtime.advance(BEAT_MS);
  expect(lease.signal.aborted).toBe(false);
});

test('once it has ended it asks no more, and what it hears too late interrupts nobody', async () => {
  const { runtime, asked, lease } = leaseOf([first], async () => {
    lease.end();
    return [first];
  });
  await runtime.advance(BEAT_MS);
  await lease.over;
  expect([lease.signal.aborted, asked.length]).toEqual([false, 1]);
  await runtime.advance(2 * BEAT_MS);
  expect(asked.length).toBe(1);
});

test('who waits for its end is told', async () => {
  const { lease } = leaseOf([first]);
  let over = false;
  const waiting = lease.over.then(() => {
    over = true;
  });
  await Promise.resolve();
  expect(over).toBe(false);
  lease.end();
  await waiting;
});
