import { describe, expect, test } from 'vitest';
import { localContract } from '../contracts/local.ts';
import type { SealedMessage } from '../core/message.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import type { Store } from '../core/store.ts';
import { topic } from '../core/topic.ts';
import type { Feed, Publisher, PublishResult, Transport } from '../core/transport.ts';
import { createSemel, type Semel } from '../semel.ts';
import { type ManualRuntime, manualRuntime } from '../testing/manual-runtime.ts';
import { memory } from '../testing/models/memory-store.ts';
import type { MemoryTransaction } from '../testing/models/memory-transaction.ts';

interface Order {
  readonly id: string;
  readonly customer: string;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema: anOrder, id: (o) => o.id, key: (o) => o.customer });

type Answer = (id: string) => PublishResult['kind'] | 'refused' | 'outage';

/** A broker that answers as it is told, and remembers each call. */
class Scripted implements Publisher {
  readonly calls: string[][] = [];
  readonly accepted: string[] = [];
  readonly keepsKeyOrder: boolean;
  answer: Answer = () => 'accepted';

  constructor(keepsKeyOrder: boolean) {
    this.keepsKeyOrder = keepsKeyOrder;
  }

  async publish(messages: readonly SealedMessage[]): Promise<readonly PublishResult[]> {
    const ids = messages.map(({ message }) => message.id);
    this.calls.push(ids);
    const answers = ids.map((id) => this.answer(id));
    if (answers.includes('outage')) throw new Error('connection refused');
    return ids.map((id, index) => this.#one(id, answers[index]));
  }

  async close(): Promise<void> {}

  #one(id: string, answer: ReturnType<Answer> | undefined): PublishResult {
    if (answer === 'accepted') this.accepted.push(id);
    if (answer === 'accepted') return { kind: 'accepted' };
    if (answer === 'unknown') return { kind: 'unknown', error: new Error('no reply') };
    return { kind: 'failed', error: new Error('refused'), retryable: answer !== 'refused' };
  }
}

interface Bench {
  readonly semel: Semel<MemoryTransaction>;
  readonly runtime: ManualRuntime;
  readonly publishers: Readonly<Record<string, Scripted>>;
  publish(...ids: readonly string[]): Promise<void>;
}

/** `a1` is the first of customer a. */
function bench(keepsKeyOrder: boolean, ...names: readonly string[]): Bench {
  const runtime = manualRuntime({ seed: 1 });
  const publishers = Object.fromEntries(names.map((name) => [name, new Scripted(keepsKeyOrder)]));
  const routes = Object.entries(publishers).map(([name, publisher]): Transport => ({ name, contract: localContract, publisher }));
  const semel = createSemel({ name: 'shop', store: memory(), runtime, routes: { orders: routes } });
  const publish = async (...ids: readonly string[]) => {
    await semel.transaction(async (inside) => {
      for (const id of ids) await inside.publish(orders, { id, customer: id[0] as string });
    });
  };
  return { semel, runtime, publishers, publish };
}

async function relayed({ semel, runtime }: Bench, ms: number): Promise<void> {
  const running = await semel.start();
  await runtime.advance(ms);
  const stopping = running.stop();
  await runtime.advance(1);
  await stopping;
}

test('publishes what was committed, in the order of each key, and nothing that was rolled back', async () => {
  const b = bench(true, 'kafka');
  await b.publish('a1', 'b1', 'a2');
  await b.semel
    .transaction(async ({ publish }) => {
      await publish(orders, { id: 'a3', customer: 'a' });
      throw new Error('rolled back');
    })
    .catch(() => {});
  await relayed(b, 100);
  expect(b.publishers['kafka']?.accepted.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2']);
  expect(b.publishers['kafka']?.accepted.toSorted()).toEqual(['a1', 'a2', 'b1']);
});

describe.each([true, false])('a publisher that keeps the order of keys within a call: %s', (keepsKeyOrder) => {
  test('a key stops at its first failure, and goes on from there; other keys go on', async () => {
    const b = bench(keepsKeyOrder, 'kafka');
    const kafka = b.publishers['kafka'] as Scripted;
    let failures = 2;
    kafka.answer = (id) => (id.startsWith('a') && failures > 0 ? 'failed' : 'accepted');
    b.semel.observe(({ type }) => {
      if (type === 'marked') failures -= 1;
    });
    await b.publish('a1', 'a2', 'b1', 'a3', 'b2');
    await relayed(b, 10_000);
    expect(kafka.accepted.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
    expect(kafka.accepted.indexOf('b2')).toBeLessThan(kafka.accepted.indexOf('a1'));
  });

  test('what has no answer is published again, under the same identity', async () => {
    const b = bench(keepsKeyOrder, 'kafka');
    const kafka = b.publishers['kafka'] as Scripted;
    let asked = 0;
    kafka.answer = () => (++asked === 1 ? 'unknown' : 'accepted');
    await b.publish('a1');
    await relayed(b, 10_000);
    expect(kafka.calls).toEqual([['a1'], ['a1']]);
  });
});

test('trap 2: behind a failure nothing of its key is sent, even where the broker would take it', async () => {
  const b = bench(false, 'sqs');
  const sqs = b.publishers['sqs'] as Scripted;
  let asked = 0;
  sqs.answer = (id) => (id === 'a1' && ++asked === 1 ? 'failed' : 'accepted');
  await b.publish('a1', 'a2', 'b1', 'a3');
  await relayed(b, 10_000);
  expect(sqs.accepted.filter((id) => id.startsWith('a'))).toEqual(['a1', 'a2', 'a3']);
});

test('where the broker may send the second of a key after the first failed, no call holds two of a key', async () => {
  const b = bench(false, 'sqs');
  await b.publish('a1', 'a2', 'b1');
  await relayed(b, 100);
  for (const call of b.publishers['sqs']?.calls ?? []) expect(new Set(call.map((id) => id[0])).size).toBe(call.length);
});

test('a route that is down blocks neither the other nor its own recovery, and no outage buries a message', async () => {
  const b = bench(true, 'kafka', 'sqs');
  const kafka = b.publishers['kafka'] as Scripted;
  kafka.answer = () => 'outage';
  await b.publish('a1', 'b1');
  const running = await b.semel.start();
  await b.runtime.advance(600_000);
  expect(b.publishers['sqs']?.accepted.toSorted()).toEqual(['a1', 'b1']);
  expect(await b.semel.deadLetters.list()).toEqual([]);
  kafka.answer = () => 'accepted';
  await b.runtime.advance(60_000);
  expect(kafka.accepted.toSorted()).toEqual(['a1', 'b1']);
  const stopping = running.stop();
  await b.runtime.advance(1);
  await stopping;
});

test('what the broker refuses for good is dead-lettered with its reason, and its key goes on', async () => {
  const b = bench(true, 'kafka');
  const kafka = b.publishers['kafka'] as Scripted;
  kafka.answer = (id) => (id === 'a1' ? 'refused' : 'accepted');
  await b.publish('a1', 'a2');
  const running = await b.semel.start();
  await b.runtime.advance(1_000);
  expect(kafka.accepted).toEqual(['a2']);
  expect(await b.semel.deadLetters.list()).toMatchObject([{ consumer: 'orders>kafka', messageId: 'a1', reason: 'Error' }]);
  const stopping = running.stop();
  await b.runtime.advance(1);
  await stopping;
});

test('of a call whose time is over, what the publisher knows by then is marked: a batch that takes too long is not begun again and again', async () => {
  const runtime = manualRuntime();
  const sent: string[] = [];
  const publisher: Publisher = {
    keepsKeyOrder: true,
    publish: (messages, { signal }) =>
      new Promise((resolve) => {
        const [first] = messages;
        sent.push(first?.message.id as string);
        const ended = () => resolve(messages.map((message) => (message === first ? { kind: 'accepted' } : { kind: 'failed', retryable: true, error: new Error('not sent') })));
        signal.addEventListener('abort', () => queueMicrotask(ended), { once: true });
      }),
    close: async () => {},
  };
  const semel = createSemel({ name: 'shop', store: memory(), runtime, routes: { orders: { name: 'slow', contract: localContract, publisher } } });
  for (const id of ['a1', 'a2', 'a3']) await semel.publish(orders, { id, customer: 'a' });
  const running = await semel.start();
  await runtime.advance(60_000);
  expect(sent).toEqual(['a1', 'a2', 'a3']);
  const stopping = running.stop();
  await runtime.advance(1);
  await stopping;
});

test('the store is told of a transaction for each batch that may be under way; a route that it feeds itself has one', async () => {
  const asked: number[] = [];
  const relay = { concurrency: 3 };
  const startedOn = async (more: Partial<Store>) => {
    const store = Object.assign(memory(), { checkCapacity: (transactions: number) => void asked.push(transactions), ...more });
    const semel = createSemel({ name: 'shop', store, relay, routes: { orders: { name: 'kafka', contract: localContract, publisher: new Scripted(true) } } });
    await (await semel.start()).stop();
  };
  const silent: Feed = {
    receive: ({ signal }) => new Promise((resolve) => signal.addEventListener('abort', () => resolve([]), { once: true })),
    settle: async () => {},
    extend: async () => [],
    close: async () => {},
  };
  await startedOn({});
  await startedOn({ outboxFeed: () => silent });
  expect(asked).toEqual([3, 1]);
});

test('trap 53: what is published carries a sequence that ascends within its key', async () => {
  const sequences: string[] = [];
  const runtime = manualRuntime();
  const publisher: Publisher = {
    keepsKeyOrder: true,
    publish: async (messages) =>
      messages.map(({ message }) => {
        sequences.push(String(message.headers['sequence']));
        return { kind: 'accepted' };
      }),
    close: async () => {},
  };
  const semel = createSemel({ name: 'shop', store: memory(), runtime, routes: { orders: { name: 'kafka', contract: localContract, publisher } } });
  for (const id of ['a1', 'a2', 'a3']) await semel.publish(orders, { id, customer: 'a' });
  const running = await semel.start();
  await runtime.advance(100);
  const stopping = running.stop();
  await runtime.advance(1);
  await stopping;
  expect(sequences).toEqual(sequences.toSorted());
  expect(new Set(sequences).size).toBe(3);
});
