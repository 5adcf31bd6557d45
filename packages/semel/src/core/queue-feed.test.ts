import { expect, test } from 'vitest';
import { manualRuntime } from '../testing/manual-runtime.ts';
import type { Delivery } from './delivery.ts';
import { QueueFeed } from './queue-feed.ts';
import type { ItemReceipt, Queue } from './store.ts';
import { SuspectTurn } from './suspect-turn.ts';

/** A queue of which a test says when something is due, and which rings when it is told to. */
interface Script {
  readonly queue: Queue;
  readonly released: ItemReceipt[];
  leases: number;
  looks: number;
  dueMs: number | undefined;
  ring(): void;
}

function scripted(nowMs: () => number): Script {
  const wakes = new Set<() => void>();
  const script: Script = {
    leases: 0,
    looks: 0,
    dueMs: undefined,
    released: [],
    ring: () => {
      for (const wake of wakes) wake();
    },
    queue: {
      lease: async () => {
        script.leases += 1;
        return script.dueMs !== undefined && script.dueMs <= nowMs() ? [delivery(script.leases)] : [];
      },
      extend: async (_name: string, items: readonly ItemReceipt[]) => items.filter(({ item }) => item === 2),
      release: async (_name: string, items: readonly ItemReceipt[]) => void script.released.push(...items),
      nextDueMs: async () => {
        script.looks += 1;
        return script.dueMs;
      },
      watch: (wake: () => void) => {
        wakes.add(wake);
        return () => wakes.delete(wake);
      },
    },
  };
  return script;
}

function delivery(item: number): Delivery {
  return { topic: 't', content: { bytes: new Uint8Array() }, receipt: { kind: 'item', item, fence: 1 }, attempt: 1 };
}

const never = new AbortController().signal;

test('sleeps until what is next is due, and takes no write lock to find that out', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  const feed = new QueueFeed(script.queue, 'c', 30_000, runtime);
  script.dueMs = runtime.clock.now() + 300;
  const receiving = feed.receive({ max: 10, signal: never });
  await runtime.advance(299);
  expect(script.leases).toBe(0);
  await runtime.advance(1);
  expect(await receiving).toHaveLength(1);
});

test('a wake-up ends the wait early; without one it polls', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  const feed = new QueueFeed(script.queue, 'c', 30_000, runtime);
  let receiving = feed.receive({ max: 10, signal: never });
  await runtime.advance(10);
  script.dueMs = runtime.clock.now();
  script.ring();
  await runtime.advance(0);
  expect(await receiving).toHaveLength(1);

  script.dueMs = undefined;
  receiving = feed.receive({ max: 10, signal: never });
  await runtime.advance(10);
  script.dueMs = runtime.clock.now();
  await runtime.advance(500);
  expect(await receiving).toHaveLength(1);
});

test('after a wake-up it leases at once, until one was in vain: where many wait for the same messages a look comes first', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  const feed = new QueueFeed(script.queue, 'c', 30_000, runtime);
  const asksAfterRing = async () => {
    const { leases, looks } = script;
    script.ring();
    await runtime.advance(1);
    return { leases: script.leases - leases, looks: script.looks - looks };
  };
  let receiving = feed.receive({ max: 10, signal: never });
  await runtime.advance(1);
  expect(await asksAfterRing()).toEqual({ leases: 1, looks: 1 }); // in vain
  expect(await asksAfterRing()).toEqual({ leases: 0, looks: 1 });
  script.dueMs = runtime.clock.now();
  expect(await asksAfterRing()).toEqual({ leases: 1, looks: 1 });
  expect(await receiving).toHaveLength(1);
  script.dueMs = undefined;
  receiving = feed.receive({ max: 10, signal: never });
  await runtime.advance(1);
  script.dueMs = runtime.clock.now();
  expect(await asksAfterRing()).toEqual({ leases: 1, looks: 0 }); // the last one paid
  expect(await receiving).toHaveLength(1);
});

test('of several that wait on one feed a wake-up ends the longest wait; who is busy is not woken for another, and a full lease wakes the next', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  const feed = new QueueFeed(script.queue, 'c', 30_000, runtime);
  const came: number[] = [];
  const receive = (loop: number) => void feed.receive({ max: 2, signal: never }).then(() => came.push(loop));
  const lease: number[] = [];
  script.queue.lease = async () => Array.from({ length: lease.shift() ?? 0 }, (_, index) => delivery(index));
  for (const loop of [1, 2, 3]) receive(loop);
  await runtime.advance(1);
  script.dueMs = runtime.clock.now();
  lease.push(1);
  script.ring();
  await runtime.advance(0);
  expect(came).toEqual([1]);
  script.dueMs = runtime.clock.now();
  lease.push(2, 1);
  script.ring();
  await runtime.advance(0);
  expect(came).toEqual([1, 2, 3]);
});

test('loops that share a feed do not keep one another awake where something is due and cannot be had', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  const feed = new QueueFeed(script.queue, 'c', 30_000, runtime);
  script.dueMs = runtime.clock.now();
  script.queue.lease = async () => {
    script.leases += 1;
    await runtime.scheduler.sleep(1); // another may come meanwhile
    return [];
  };
  const stop = new AbortController();
  const receiving = [1, 2, 3].map(() => feed.receive({ max: 10, signal: stop.signal }));
  await runtime.advance(2_000);
  expect(script.leases).toBeLessThan(40);
  stop.abort();
  await runtime.advance(1);
  expect(await Promise.all(receiving)).toEqual([[], [], []]);
});

test('an abort ends the wait with nothing', async () => {
  const runtime = manualRuntime();
  const stop = new AbortController();
  const feed = new QueueFeed(scripted(runtime.clock.now).queue, 'c', 30_000, runtime);
  const receiving = feed.receive({ max: 10, signal: stop.signal });
  await runtime.advance(5);
  stop.abort();
  await runtime.advance(0);
  expect(await receiving).toEqual([]);
});

test('gives back what was not begun, and leaves alone what its own transaction settled', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  const feed = new QueueFeed(script.queue, 'c', 30_000, runtime);
  const outcomes = [{ kind: 'done' }, { kind: 'released' }, { kind: 'held' }, { kind: 'lost' }, { kind: 'unknown' }, { kind: 'retry', afterMs: 1, error: 0 }] as const;
  await feed.settle(outcomes.map((outcome, index) => ({ delivery: delivery(index + 1), outcome })));
  expect(script.released.map(({ item }) => item)).toEqual([2, 3, 5]);
});

test('says whose lease is another’s by now', async () => {
  const runtime = manualRuntime();
  const feed = new QueueFeed(scripted(runtime.clock.now).queue, 'c', 30_000, runtime);
  expect((await feed.extend([delivery(1), delivery(2)])).map(({ receipt }) => receipt)).toEqual([{ kind: 'item', item: 2, fence: 1 }]);
});

test('trap 51: feeds of one process take one suspect at a time, until it is settled or its feed is closed', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  script.dueMs = runtime.clock.now();
  const suspect: Delivery = { ...delivery(1), suspect: true };
  const lease: Queue['lease'] = async (_name, { suspects }) => [suspects ? suspect : delivery(2)];
  const turn = new SuspectTurn();
  const [one, two] = ['c', 'd'].map((name) => new QueueFeed({ ...script.queue, lease }, name, 30_000, runtime, turn)) as [QueueFeed, QueueFeed];
  const taken = async (feed: QueueFeed) => (await feed.take(10)).map((given) => given.suspect === true);
  expect(await taken(one)).toEqual([true]);
  expect(await taken(two)).toEqual([false]);
  expect(await taken(one)).toEqual([false]);
  await one.settle([{ delivery: suspect, outcome: { kind: 'done' } }]);
  expect(await taken(two)).toEqual([true]);
  await two.close();
  expect(await taken(one)).toEqual([true]);
});

test('waits for the turn of a suspect without asking again and again, and goes on as soon as it is free', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  const turn = new SuspectTurn();
  const feed = new QueueFeed(script.queue, 'c', 30_000, runtime, turn);
  turn.take(() => {});
  script.dueMs = runtime.clock.now();
  script.queue.lease = async (_name, { suspects }) => {
    script.leases += 1;
    return suspects ? [delivery(1)] : [];
  };
  const receiving = feed.receive({ max: 10, signal: never });
  await runtime.advance(450);
  expect(script.leases).toBe(1);
  turn.giveBack();
  await runtime.advance(0);
  expect(await receiving).toHaveLength(1);
});

test('asks ever more seldom for what is due and cannot be had, and at once again after a wake-up', async () => {
  const runtime = manualRuntime();
  const script = scripted(runtime.clock.now);
  const stop = new AbortController();
  const feed = new QueueFeed(script.queue, 'c', 30_000, runtime);
  script.dueMs = runtime.clock.now();
  script.queue.lease = async () => {
    script.leases += 1;
    if (script.leases > 100) throw new Error('asks all the time'); // which would keep everything else from running, the end of this test too
    return [];
  };
  const receiving = feed.receive({ max: 10, signal: stop.signal });
  await runtime.advance(2_000);
  expect(script.leases).toBe(10); // after 0, 5, 15, 35, 75, 155, 315, 635, 1135 and 1635 ms
  script.ring();
  await runtime.advance(0);
  expect(script.leases).toBe(12); // before the look, and after it
  stop.abort();
  await runtime.advance(0);
  expect(await receiving).toEqual([]);
});
