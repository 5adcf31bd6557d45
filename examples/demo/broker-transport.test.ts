import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { Feed, Outcome, Subscriber } from 'semel';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { Broker } from './broker.ts';
import { brokerTransport } from './broker-transport.ts';
import { encodePayment } from './payments.ts';

const LEASE_MS = 100;
const signal = new AbortController().signal;

describe('brokerTransport', () => {
  let folder: string;
  let nowMs: number;
  let broker: Broker;
  let feed: Feed;

  beforeEach(async () => {
    folder = mkdtempSync(join(tmpdir(), 'semel-demo-transport-'));
    nowMs = 1_000_000;
    broker = new Broker(join(folder, 'broker.db'), () => nowMs);
    broker.publish([{ body: encodePayment({ id: 'P1', cents: 100 }), times: 1 }]);
    feed = await subscribe(brokerTransport(broker).subscriber as Subscriber);
  });

  afterEach(() => {
    broker.close();
    rmSync(folder, { recursive: true });
  });

  it('delivers the message with its identity, and its attempt', async () => {
    const [delivery] = await feed.receive({ max: 100, signal });
    expect(delivery).toMatchObject({
      topic: 'payments',
      attempt: 1,
      receipt: { kind: 'external' },
      content: { message: { id: 'P1', source: 'shop/payments', data: { id: 'P1', cents: 100 } } },
    });
  });

  it.each<[Outcome, 'settled' | 'at once' | 'later' | 'by itself']>([
    [{ kind: 'done' }, 'settled'],
    [{ kind: 'duplicate' }, 'settled'],
    [{ kind: 'dead', reason: 'handler-failed' }, 'settled'],
    [{ kind: 'parked' }, 'settled'],
    [{ kind: 'retry', afterMs: 50, error: undefined }, 'later'],
    [{ kind: 'held' }, 'at once'],
    [{ kind: 'released' }, 'at once'],
    [{ kind: 'lost' }, 'by itself'],
    [{ kind: 'unknown' }, 'by itself'],
  ])('after %j the message is settled, or comes again: %s', async (outcome, then) => {
    const [delivery] = await feed.receive({ max: 1, signal });
    await feed.settle([{ delivery: delivery!, outcome }]);
    const came = [0, 50, LEASE_MS].map((afterMs) => {
      nowMs = 1_000_000 + afterMs;
      return broker.receive(1, 0).length;
    });
    expect(came).toEqual({ settled: [0, 0, 0], 'at once': [1, 1, 1], later: [0, 1, 1], 'by itself': [0, 0, 1] }[then]);
  });

  it('prolongs what it holds, and tells what is another’s by now', async () => {
    const deliveries = await feed.receive({ max: 1, signal });
    expect(await feed.extend(deliveries)).toEqual([]);
    nowMs += LEASE_MS;
    broker.receive();
    expect(await feed.extend(deliveries)).toEqual(deliveries);
  });
});

function subscribe(subscriber: Subscriber): Promise<Feed> {
  const scheduler = { sleep: async () => {}, yield: async () => {}, after: () => () => {} };
  const runtime = { clock: { now: () => 0 }, random: () => 0, scheduler };
  return subscriber.subscribe('payments', {
    service: 'shop',
    consumer: 'charge',
    previousNames: [],
    from: 'beginning',
    ordered: false,
    leaseMs: LEASE_MS,
    runtime,
    recordsKeptMs: Number.POSITIVE_INFINITY,
    attempts: 8,
    assigned: async () => [],
    revoked: async () => {},
    released: async () => {},
  });
}
