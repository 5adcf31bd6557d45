import { expect, test } from 'vitest';
import { manualRuntime } from '../testing/manual-runtime.ts';
import { subscribeOptions } from '../testing/subscribe-options.ts';
import { Bell } from './bell.ts';
import { LogFeed, type LogRecord } from './log-feed.ts';

/** A feed of partitions of which each has so many records. */
async function feedOf(sizes: Readonly<Record<string, number>>): Promise<LogFeed> {
  const runtime = manualRuntime();
  const never = new Bell();
  const left = new Map(Object.entries(sizes).map(([partition, size]) => [partition, Array.from({ length: size }, (_, index): LogRecord => recordOf(index))]));
  const feed = new LogFeed(
    'orders',
    subscribeOptions({ ordered: false, runtime, assigned: async (partitions) => partitions.map((partition) => ({ partition, position: undefined, epoch: 1, crashes: 0 })) }),
    {
      take: (partition, max) => left.get(partition)?.splice(0, max) ?? [],
      has: (partition) => left.get(partition)?.length !== 0,
      seek: () => {},
      wait: (signal) => never.rung(signal),
      owns: () => true,
      close: async () => {},
    },
  );
  await feed.assign(Object.keys(sizes));
  return feed;
}

function recordOf(index: number): LogRecord {
  return { content: { bytes: new Uint8Array(), decode: notRead }, next: String(index + 1) };
}

function notRead(): never {
  throw new Error('nobody reads it here');
}

const { signal } = new AbortController();

test('trap 28: two hands are never given records of one partition: what follows is handed out, and wakes who waits, once all before it is settled', async () => {
  const feed = await feedOf({ a: 3, b: 1 });
  const first = await feed.receive({ max: 2, signal });
  const other = await feed.receive({ max: 2, signal });
  expect([first, other].map((deliveries) => deliveries.map(({ receipt }) => receipt))).toMatchObject([
    [
      { partition: 'a', to: '1' },
      { partition: 'a', to: '2' },
    ],
    [{ partition: 'b' }],
  ]);
  let woken = false;
  const next = feed.receive({ max: 2, signal }).finally(() => {
    woken = true;
  });
  await feed.settle(first.slice(0, 1).map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
  await new Promise((resolve) => setImmediate(resolve));
  expect(woken).toBe(false);
  await feed.settle(first.slice(1).map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
  expect((await next).map(({ receipt }) => receipt)).toMatchObject([{ partition: 'a', from: '2', to: '3' }]);
});
