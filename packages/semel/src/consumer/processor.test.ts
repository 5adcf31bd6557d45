import { describe, expect, test } from 'vitest';
import type { Delivery, Outcome } from '../core/delivery.ts';
import { isSemelError, SemelError } from '../core/errors.ts';
import type { StandardSchema } from '../core/standard-schema.ts';
import { Pause } from '../core/throwables.ts';
import { topic } from '../core/topic.ts';
import { createSemel, type Semel } from '../semel.ts';
import { type ManualRuntime, manualRuntime } from '../testing/manual-runtime.ts';
import { type MemoryOptions, type MemoryStore, memory } from '../testing/models/memory-store.ts';
import type { MemoryTransaction } from '../testing/models/memory-transaction.ts';

interface Order {
  readonly id: string;
  readonly customer: string;
}

const anOrder: StandardSchema<Order, Order> = {
  '~standard': {
    version: 1,
    vendor: 'test',
    validate: (value) => (typeof (value as Order).id === 'string' ? { value: value as Order } : { issues: [{ message: 'must be a string', path: ['id'] }] }),
  },
};
const orders = topic('orders', { schema: anOrder, id: (o) => `${o.id}/placed`, key: (o) => o.customer });
const receipts = topic('receipts', { schema: anOrder });

interface Bench {
  readonly semel: Semel<MemoryTransaction>;
  readonly store: MemoryStore;
  readonly runtime: ManualRuntime;
}

function bench(options: MemoryOptions = {}): Bench {
  const runtime = manualRuntime({ seed: 1 });
  const store = memory(options);
  return { runtime, store, semel: createSemel({ name: 'shop', store, runtime }) };
}

function order(id: string, customer = id): Order {
  return { id, customer };
}

function delivery(data: unknown, more: Partial<Delivery> = {}): Delivery {
  const { id, customer } = data as Order;
  const message = { topic: 'orders', source: 'shop/orders', id: `${id}/placed`, type: 'orders', time: '2026-01-01T00:00:00Z', key: customer, data, headers: {} };
  return { topic: 'orders', content: { message }, receipt: { kind: 'external' }, attempt: 1, ...more };
}

/** Lets time pass until the promise settles. */
async function passing<Result>(runtime: ManualRuntime, promise: Promise<Result>): Promise<Result> {
  let settled = false;
  const settle = () => {
    settled = true;
  };
  promise.then(settle, settle);
  while (!settled) await runtime.advance(10);
  return promise;
}

const kinds = (outcomes: readonly Outcome[]) => outcomes.map(({ kind }) => kind);

describe('exactly once', () => {
  test('a second delivery is acknowledged without running, and gives the recorded result', async () => {
    const { semel } = bench();
    let runs = 0;
    const consumer = semel.consume(orders, { name: 'charge', recordResult: true }, () => ({ run: ++runs }));
    expect(await semel.deliver(consumer, order('A'), { times: 3 })).toEqual([
      { kind: 'done', result: { run: 1 } },
      { kind: 'duplicate', result: { run: 1 } },
      { kind: 'duplicate', result: { run: 1 } },
    ]);
  });

  test('trap 13: consumers of one topic keep records of their own', async () => {
    const { semel } = bench();
    const one = semel.consume(orders, { name: 'one' }, () => {});
    const two = semel.consume(orders, { name: 'two' }, () => {});
    expect(kinds(await semel.deliver(one, order('A')))).toEqual(['done']);
    expect(kinds(await semel.deliver(two, order('A')))).toEqual(['done']);
  });

  test('trap 15: the same id with another payload is dead-lettered with both fingerprints, not answered with the first result', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge' }, () => {});
    await semel.deliver(consumer, order('A', 'ada'));
    expect(await semel.deliver(consumer, order('A', 'eve'))).toEqual([{ kind: 'dead', reason: 'identity-conflict' }]);
    const [letter] = await semel.deadLetters.list();
    expect(letter?.history[0]?.message).toMatch(/recorded fingerprint [\w-]{43}, received [\w-]{43}/);
  });

  test('trap 16: a failure leaves no record, so that the retry runs', async () => {
    const { semel, store } = bench();
    let runs = 0;
    const consumer = semel.consume(orders, { name: 'charge' }, ({ tx }) => {
      tx.set('charged', true);
      if (++runs === 1) throw new Error('no luck');
    });
    expect(kinds(await semel.deliver(consumer, order('A')))).toEqual(['retry']);
    expect((await store.values()).size).toBe(0);
    expect(kinds(await semel.deliver(consumer, order('A'), { times: 2 }))).toEqual(['done', 'duplicate']);
  });

  test('trap 41: in a group a poison message costs only itself', async () => {
    const { semel, store } = bench();
    const consumer = semel.consume(orders, { name: 'charge', order: 'none' }, ({ message, tx }) => {
      tx.set(message.data.id, true);
      if (message.data.id === 'C') throw new Error('poison');
    });
    expect(
      kinds(
        await semel.process(
          consumer,
          ['A', 'B', 'C', 'D'].map((id) => delivery(order(id))),
        ),
      ),
    ).toEqual(['done', 'done', 'retry', 'done']);
    expect([...(await store.values()).keys()].sort()).toEqual(['A', 'B', 'D']);
  });

  test('a handler alone in its transaction runs once per attempt, whatever becomes of it', async () => {
    const { semel } = bench();
    const runs: string[] = [];
    const consumer = semel.consume(orders, { name: 'charge', order: 'none', group: false }, ({ message, idempotencyKey }) => {
      runs.push(idempotencyKey('gateway'));
      if (message.data.id === 'A') throw new Error('no luck');
    });
    expect(kinds(await semel.process(consumer, [delivery(order('A')), delivery(order('B')), delivery(order('A'), { attempt: 2 })]))).toEqual(['retry', 'done', 'retry']);
    expect(runs).toHaveLength(3);
    expect(runs[0]).toBe(runs[2]);
    expect(runs[0]).not.toBe(runs[1]);
  });

  test('a group has no idempotency key: its handler may run twice for a neighbour’s sake', async () => {
    const { semel } = bench();
    let has: boolean | undefined;
    const consumer = semel.consume(orders, { name: 'charge' }, (context) => {
      has = 'idempotencyKey' in context;
    });
    await semel.deliver(consumer, order('A'));
    expect(has).toBe(false);
  });

  test('an order kept by key: what comes after a failure waits, other keys do not', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge' }, ({ message }) => {
      if (message.data.id === 'A1') throw new Error('no luck');
    });
    const outcomes = await semel.process(
      consumer,
      [order('A1', 'a'), order('A2', 'a'), order('B1', 'b')].map((data) => delivery(data)),
    );
    expect(kinds(outcomes)).toEqual(['retry', 'held', 'done']);
  });
});

describe('what is refused before it runs', () => {
  test('data that its schema refuses is dead-lettered, and its neighbours are not', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge', order: 'none' }, () => {});
    expect(await semel.process(consumer, [delivery({ id: 7, customer: 'a' }), delivery(order('B'))])).toEqual([{ kind: 'dead', reason: 'schema-invalid' }, { kind: 'done' }]);
  });

  test('trap 36: hostile bytes are dead-lettered with a reason, and kept as they are', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge' }, () => {});
    const bytes = new TextEncoder().encode('{"specversion":"1.0","id":"1","source":"s","type":"orders","data":{"__proto__":{"admin":true}}}');
    const outcomes = await semel.process(consumer, [delivery(order('X'), { content: { bytes } })]);
    expect(outcomes).toEqual([{ kind: 'dead', reason: 'forbidden-member' }]);
    expect((await semel.deadLetters.list())[0]?.bytes).toEqual(bytes);
  });

  test('trap 33: what ended its process as often as it may is not run once more', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge', retry: { attempts: 3 } }, () => {});
    expect(kinds(await semel.process(consumer, [delivery(order('A'), { attempt: 3, suspect: true })]))).toEqual(['done']);
    expect(await semel.process(consumer, [delivery(order('B'), { attempt: 4, suspect: true })])).toEqual([{ kind: 'dead', reason: 'crashed' }]);
  });

  test('trap 51: what may have ended a process shares its transaction with nobody', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge', order: 'none' }, () => {});
    const transactions: string[][] = [];
    semel.observe(({ type, messages = [] }) => {
      if (type === 'committed') transactions.push(messages.map(({ id }) => id));
    });
    await semel.process(consumer, [delivery(order('A')), delivery(order('B'), { suspect: true, attempt: 2 }), delivery(order('C')), delivery(order('D'))]);
    expect(transactions).toEqual([['A/placed'], ['B/placed'], ['C/placed', 'D/placed']]);
  });

  test('an unknown event type', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge' }, () => {});
    const foreign = delivery(order('A'));
    const content = { message: { ...(foreign.content as { message: object }).message, type: 'order.eaten' } } as Delivery['content'];
    expect(await semel.process(consumer, [{ ...foreign, content }])).toEqual([{ kind: 'dead', reason: 'unknown-type' }]);
  });
});

describe('set handlers', () => {
  test('a throw is traced to its culprit by halving, and the rest commits', async () => {
    const { semel, store } = bench();
    const consumer = semel.consumeSet(orders, { name: 'charge', order: 'none' }, ({ messages, tx }) => {
      for (const { data } of messages) tx.set(data.id, true);
      if (messages.some(({ data }) => data.id === 'E')) throw new Error('poison');
    });
    const outcomes = await semel.process(
      consumer,
      ['A', 'B', 'C', 'D', 'E', 'F', 'G'].map((id) => delivery(order(id))),
    );
    expect(kinds(outcomes)).toEqual(['done', 'done', 'done', 'done', 'retry', 'done', 'done']);
    expect([...(await store.values()).keys()].sort()).toEqual(['A', 'B', 'C', 'D', 'F', 'G']);
  });

  test('a message marked as failed is retried alone', async () => {
    const { semel } = bench();
    let calls = 0;
    const consumer = semel.consumeSet(orders, { name: 'charge', order: 'none' }, ({ messages, fail }) => {
      calls += 1;
      const [first] = messages;
      if (first) fail(first, new Error('not this one'));
    });
    expect(kinds(await semel.process(consumer, [delivery(order('A')), delivery(order('B'))]))).toEqual(['retry', 'done']);
    expect(calls).toBe(1);
  });

  test('duplicates are not handed to it', async () => {
    const { semel } = bench();
    const seen: string[][] = [];
    const consumer = semel.consumeSet(orders, { name: 'charge', order: 'none' }, ({ messages }) => void seen.push(messages.map(({ data }) => data.id)));
    await semel.process(consumer, [delivery(order('A'))]);
    expect(kinds(await semel.process(consumer, [delivery(order('A')), delivery(order('B')), delivery(order('B'))]))).toEqual(['duplicate', 'done', 'duplicate']);
    expect(seen).toEqual([['A'], ['B']]);
  });
});

describe('no attempt is burnt for an outage', () => {
  test('a Pause gives back the message, and closes the gate for as long as it says', async () => {
    const { semel, runtime } = bench();
    let down = true;
    const consumer = semel.consume(orders, { name: 'charge', order: 'none', group: false, retry: { attempts: 1 } }, () => {
      if (down) throw new Pause({ afterMs: 30_000, reason: 'the gateway is down' });
    });
    const process = await semel.processor(consumer);
    const both = [delivery(order('A')), delivery(order('B'))];
    expect(kinds(await process(both))).toEqual(['released', 'released']);
    down = false;
    expect(kinds(await process(both))).toEqual(['released', 'released']);
    await runtime.advance(30_000);
    expect(kinds(await process(both))).toEqual(['done', 'done']);
  });

  test('an open circuit breaker takes nothing', async () => {
    const { semel, runtime } = bench();
    let down = true;
    let calls = 0;
    const consumer = semel.consume(orders, { name: 'charge', order: 'none', group: false, circuitBreaker: { failures: 2, resetMs: 5_000 } }, () => {
      calls += 1;
      if (down) throw new Error('down');
    });
    const process = await semel.processor(consumer);
    const many = ['A', 'B', 'C', 'D'].map((id) => delivery(order(id)));
    expect(kinds(await process(many))).toEqual(['retry', 'retry', 'released', 'released']);
    expect(calls).toBe(2);
    down = false;
    await runtime.advance(5_000);
    expect(kinds(await process(many))).toEqual(['done', 'done', 'done', 'done']);
  });

  test('a store in trouble: everything is released, and what was committed stays so', async () => {
    let broken = false;
    const { semel } = bench({ faults: { commit: () => (broken ? new SemelError('store-full', 'the disk is full') : undefined) } });
    const consumer = semel.consume(orders, { name: 'charge', order: 'none', group: false }, () => {});
    const process = await semel.processor(consumer);
    expect(kinds(await process([delivery(order('A'))]))).toEqual(['done']);
    broken = true;
    expect(kinds(await process([delivery(order('A')), delivery(order('B'))]))).toEqual(['released', 'released']);
  });
});

describe('time', () => {
  test('a handler that is too slow is undone and retried; its signal aborts, and its transaction takes nothing more (trap 48)', async () => {
    const { semel, runtime, store } = bench();
    let late: unknown;
    let aborted = false;
    const consumer = semel.consume(orders, { name: 'charge', timeoutMs: 1_000 }, async ({ tx, signal }) => {
      signal.addEventListener('abort', () => {
        aborted = true;
      });
      tx.set('early', true);
      await runtime.scheduler.sleep(5_000);
      try {
        tx.set('late', true);
      } catch (error) {
        late = error;
      }
    });
    const process = await semel.processor(consumer);
    expect(kinds(await passing(runtime, process([delivery(order('A'))])))).toEqual(['retry']);
    await runtime.advance(5_000);
    expect(aborted).toBe(true);
    expect(isSemelError(late, 'transaction-over')).toBe(true);
    expect((await store.values()).size).toBe(0);
  });

  test('an abort releases what runs and what is not begun', async () => {
    const { semel, runtime } = bench();
    const consumer = semel.consume(orders, { name: 'charge', order: 'none', group: false }, () => runtime.scheduler.sleep(5_000));
    const process = await semel.processor(consumer);
    const stop = new AbortController();
    const outcome = process([delivery(order('A')), delivery(order('B'))], { signal: stop.signal });
    await runtime.advance(10);
    stop.abort();
    expect(kinds(await outcome)).toEqual(['released', 'released']);
  });

  test('a budget that is spent commits what is done, and goes on in the next transaction', async () => {
    const { semel, runtime, store } = bench();
    const units: number[] = [];
    const consumer = semel.consume(orders, { name: 'charge', order: 'none', group: { max: 10, budgetMs: 50 } }, async () => {
      await runtime.scheduler.sleep(30);
    });
    const process = await semel.processor(consumer);
    semel.observe(({ type, messages }) => {
      if (type === 'committed') units.push(messages?.length ?? 0);
    });
    expect(kinds(await passing(runtime, process(['A', 'B', 'C', 'D'].map((id) => delivery(order(id))))))).toEqual(['done', 'done', 'done', 'done']);
    expect(units.length).toBeGreaterThan(1);
    expect(store.capabilities.transactions).toBe('interactive');
  });
});

describe('the other guarantees', () => {
  test('at least once: no record is kept, and a failure of one does not undo another', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'mail', guarantee: 'at-least-once', order: 'none' }, ({ message }) => {
      if (message.data.id === 'B') throw new Error('no luck');
    });
    const two = [delivery(order('A')), delivery(order('B'))];
    expect(kinds(await semel.process(consumer, two))).toEqual(['done', 'retry']);
    expect(kinds(await semel.process(consumer, two))).toEqual(['done', 'retry']);
  });

  test('at least once: behind a failure of its key nothing runs', async () => {
    const { semel } = bench();
    const ran: string[] = [];
    const consumer = semel.consume(orders, { name: 'mail', guarantee: 'at-least-once' }, ({ message }) => {
      ran.push(message.data.id);
      throw new Error('no luck');
    });
    expect(kinds(await semel.process(consumer, [delivery(order('A1', 'a')), delivery(order('A2', 'a'))]))).toEqual(['retry', 'held']);
    expect(ran).toEqual(['A1']);
  });

  test('at least once: `transaction` and `publish` commit on their own', async () => {
    const { semel, store } = bench();
    const consumer = semel.consume(orders, { name: 'mail', guarantee: 'at-least-once', publishes: [receipts] }, async ({ transaction, publish, message }) => {
      await transaction(({ tx }) => tx.set('kept', true));
      await publish(receipts, message.data);
      throw new Error('afterwards');
    });
    expect(kinds(await semel.deliver(consumer, order('A')))).toEqual(['retry']);
    expect((await store.values()).get('kept')).toBe(true);
  });

  test('at most once: a failure is dead-lettered, and never run again', async () => {
    const { semel } = bench();
    let runs = 0;
    const consumer = semel.consume(orders, { name: 'ping', guarantee: 'at-most-once' }, () => {
      runs += 1;
      throw new Error('no luck');
    });
    expect(kinds(await semel.deliver(consumer, order('A'), { times: 2 }))).toEqual(['dead', 'duplicate']);
    expect(runs).toBe(1);
    expect(await semel.deadLetters.list()).toHaveLength(1);
  });
});

describe('publishing from a handler', () => {
  test('an id that is not given comes from consumer, cause and call, so that a retry makes the same', async () => {
    const { semel } = bench();
    const ids: string[] = [];
    let runs = 0;
    const consumer = semel.consume(orders, { name: 'charge', publishes: [receipts] }, async ({ message, publish }) => {
      ids.push((await publish(receipts, message.data)).id, (await publish(receipts, message.data)).id);
      if (++runs === 1) throw new Error('once more');
    });
    expect(kinds(await semel.deliver(consumer, order('A')))).toEqual(['retry']);
    expect(kinds(await semel.deliver(consumer, order('A')))).toEqual(['done']);
    expect(ids.slice(0, 2)).toEqual(ids.slice(2, 4));
    expect(ids[0]).not.toBe(ids[1]);
  });

  test('a topic that `publishes` does not name is refused', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge' }, ({ publish }) => (publish as (...given: unknown[]) => unknown)(receipts, order('A')));
    expect(await semel.deliver(consumer, order('A'))).toEqual([{ kind: 'dead', reason: 'undeclared-publish' }]);
  });

  test('trap: a transaction inside a handler is an error, not a deadlock', async () => {
    const { semel } = bench();
    const consumer = semel.consume(orders, { name: 'charge' }, () => semel.transaction(() => {}));
    expect(await semel.deliver(consumer, order('A'))).toEqual([{ kind: 'dead', reason: 'nested-transaction' }]);
    const publisher = semel.consume(orders, { name: 'other' }, ({ message }) => semel.publish(orders, message.data));
    expect(await semel.deliver(publisher, order('A'))).toEqual([{ kind: 'dead', reason: 'nested-transaction' }]);
  });
});

test('a schema that transforms: the handler gets its output, the wire carries its input', async () => {
  const { semel } = bench();
  const upper: StandardSchema<string, { readonly shout: string }> = {
    '~standard': { version: 1, vendor: 'test', validate: async (value) => ({ value: { shout: String(value).toUpperCase() } }) },
  };
  const words = topic('words', { schema: upper, id: (word) => word });
  let got: unknown;
  const consumer = semel.consume(words, { name: 'hear' }, ({ message }) => {
    got = message.data;
  });
  expect(await semel.deliver(consumer, 'ave', { times: 2 })).toEqual([{ kind: 'done' }, { kind: 'duplicate' }]);
  expect(got).toEqual({ shout: 'AVE' });
});

test('the context is extended by what the user adds', async () => {
  const runtime = manualRuntime();
  const semel = createSemel({ name: 'shop', store: memory(), runtime, context: ({ message }) => ({ tenant: `tenant of ${message.key}` }) });
  let tenant: string | undefined;
  const consumer = semel.consume(orders, { name: 'charge' }, (context) => {
    tenant = context.tenant;
  });
  await semel.deliver(consumer, order('A', 'ada'));
  expect(tenant).toBe('tenant of ada');
});

describe('trap 50: a lost reply to COMMIT', () => {
  test.each(['lose-reply', 'lose-request'] as const)('(%s) is looked up, never run blind', async (fault) => {
    let armed = false;
    const { semel, store, runtime } = bench({
      faults: {
        commit: () => {
          const now = armed ? fault : undefined;
          armed = false;
          return now;
        },
      },
    });
    let runs = 0;
    const consumer = semel.consume(orders, { name: 'charge' }, ({ tx }) => {
      runs += 1;
      tx.set('charges', Number(tx.get('charges') ?? 0) + 1);
    });
    const process = await semel.processor(consumer);
    armed = true;
    const outcome = await passing(runtime, process([delivery(order('A'))]));
    expect(kinds(outcome)).toEqual([fault === 'lose-reply' ? 'duplicate' : 'released']);
    expect(['done', 'duplicate']).toContain((await process([delivery(order('A'))]))[0]?.kind);
    expect((await store.values()).get('charges')).toBe(1);
    expect(runs).toBe(fault === 'lose-reply' ? 1 : 2);
  });

  test('trap 4: where it turns out undone, what follows in its key waits, also in the next group', async () => {
    const faults: ('lose-request' | undefined)[] = [];
    const { semel } = bench({ faults: { commit: () => faults.pop() } });
    const process = await semel.processor(semel.consume(orders, { name: 'charge', group: false }, () => {}));
    faults.push('lose-request');
    expect(kinds(await process([delivery(order('A', 'ada')), delivery(order('B', 'ada')), delivery(order('C'))]))).toEqual(['released', 'held', 'done']);
  });

  test('that nobody can resolve stays unknown: nobody may acknowledge, bury or count it', async () => {
    let armed = false;
    const { semel, runtime } = bench({ faults: { commit: () => (armed ? 'lose-reply' : undefined), resolve: () => armed } });
    const consumer = semel.consume(orders, { name: 'charge' }, () => {});
    const process = await semel.processor(consumer);
    armed = true;
    expect(kinds(await passing(runtime, process([delivery(order('A'))])))).toEqual(['unknown']);
  });
});

test('trap 41: a poison message does not keep a circuit breaker open: each probe is another message', async () => {
  const { semel, runtime } = bench();
  const handled: string[] = [];
  semel.consume(orders, { name: 'charge', retry: { baseMs: 60_000 }, circuitBreaker: { failures: 1, resetMs: 1_000 } }, ({ message }) => {
    if (message.data.id === 'poison') throw new Error('always');
    handled.push(message.data.id);
  });
  const running = await semel.start();
  for (const id of ['poison', 'A', 'B']) await semel.publish(orders, order(id));
  await runtime.advance(10_000);
  const [status] = await semel.status();
  expect(status?.backlog).toEqual({ ready: 0, inFlight: 0, retrying: 1, held: 0 });
  expect(handled).toEqual(['A', 'B']);
  await passing(runtime, running.stop());
});
