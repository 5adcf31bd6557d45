import { describe, expect, test } from 'vitest';
import { seal } from '../../src/core/seal.ts';
import type { Feed, Transport } from '../../src/core/transport.ts';
import { faultProxy } from '../../src/testing/fault-proxy.ts';
import { subscribeOptions } from '../../src/testing/subscribe-options.ts';
import { decoded, idsOf } from '../../src/testing/transport-suite/transport-bench.ts';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { Corner } from './rabbitmq.ts';

const PATIENCE_MS = 5_000;
/** A body of JSON up to the last byte of its frame. */
const BODY = /the-lost-one"[^\xce]*\}\xce/;

function subscribe({ subscriber }: Transport, topic: string): Promise<Feed> {
  return (subscriber as NonNullable<typeof subscriber>).subscribe(topic, subscribeOptions({ recordsKeptMs: 1 }));
}

const messageOf = (topic: string, id: string) => seal({ topic, source: 'shop', id, type: topic, time: '2026-01-01T00:00:00.000Z', data: { id }, headers: {} });

async function publish({ publisher }: Transport, topic: string, ids: readonly string[], signal: AbortSignal = AbortSignal.timeout(PATIENCE_MS)): Promise<readonly string[]> {
  const results = await publisher?.publish(
    ids.map((id) => messageOf(topic, id)),
    { signal },
  );
  return (results ?? []).map((result) => (result.kind === 'failed' ? `failed, ${result.retryable ? 'again' : 'for good'}` : result.kind));
}

async function close({ publisher, subscriber }: Transport): Promise<void> {
  await Promise.all([publisher?.close(), subscriber?.close()]);
}

/** Receives and settles until so many have come. */
async function drained(feed: Feed, count: number): Promise<readonly string[]> {
  const ids: string[] = [];
  while (ids.length < count) {
    const deliveries = await feed.receive({ max: 100, signal: AbortSignal.timeout(PATIENCE_MS) });
    if (deliveries.length === 0) break;
    ids.push(...idsOf(deliveries));
    await feed.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
  }
  return ids;
}

for (const service of ['rabbitmq', 'rabbitmq-3'] as const) {
  describeWith(service, `the transport on ${service}`, () => {
    const corner = () => Corner.open(serviceUrl(service) as string);

    test('trap 30: what no queue takes has failed, and is accepted once there is one', async () => {
      await using at = await corner();
      const transport = at.transport();
      expect(await publish(transport, at.topic, ['a', 'b'])).toEqual(['failed, again', 'failed, again']);
      const feed = await subscribe(transport, at.topic);
      expect(await publish(transport, at.topic, ['a', 'b'])).toEqual(['accepted', 'accepted']);
      expect(await drained(feed, 2)).toEqual(['a', 'b']);
      await close(transport);
    });

    test('a window of thousands is confirmed one by one, in the order in which it was sent', async () => {
      await using at = await corner();
      const transport = at.transport();
      const feed = await subscribe(transport, at.topic);
      const ids = Array.from({ length: 3_000 }, (_, index) => `m${index}`);
      expect(new Set(await publish(transport, at.topic, ids, AbortSignal.timeout(30_000)))).toEqual(new Set(['accepted']));
      expect(await drained(feed, ids.length)).toEqual(ids);
      expect(await feed.pending?.()).toBe(0);
      await close(transport);
    });

    for (const then of ['cut-after-request', 'cut-reply', 'hold-reply'] as const) {
      test(`trap 9: a confirm is lost (${then}): unknown, and sent again under the same identity`, async () => {
        await using at = await corner();
        const feed = await subscribe(at.transport(), at.topic);
        const { hostname, port } = new URL(at.url);
        await using proxy = await faultProxy({ to: { host: hostname, port: Number(port) } });
        const transport = at.transport({}, `amqp://guest:guest@${proxy.host}:${proxy.port}`);
        expect(await publish(transport, at.topic, ['first'])).toEqual(['accepted']);
        const fault = proxy.once({ request: BODY, then, signal: AbortSignal.timeout(PATIENCE_MS) });
        const kinds = publish(transport, at.topic, ['the-lost-one'], AbortSignal.timeout(then === 'hold-reply' ? 500 : PATIENCE_MS));
        await fault;
        expect(await kinds).toEqual(['unknown']);
        proxy.pass();
        await expect.poll(() => publish(transport, at.topic, ['the-lost-one']).catch(() => [])).toEqual(['accepted']);
        expect(await drained(feed, 3)).toEqual(['first', 'the-lost-one', 'the-lost-one']);
        await close(transport);
      });
    }

    test('trap 30: a message may be returned more than 20 times, and is still there', async () => {
      await using at = await corner();
      const transport = at.transport();
      await (await subscribe(transport, at.topic)).close();
      expect(await publish(transport, at.topic, ['a'])).toEqual(['accepted']);
      for (let time = 0; time < 25; time++) {
        const feed = await subscribe(transport, at.topic);
        const [delivery] = await feed.receive({ max: 1, signal: AbortSignal.timeout(PATIENCE_MS) });
        expect([delivery && decoded(delivery).id, delivery?.suspect]).toEqual(['a', time > 0 ? true : undefined]);
        await feed.close();
      }
      await close(transport);
    });

    test('a queue that differs is refused, naming what differs; with `declare: false` what is not there is said', async () => {
      await using at = await corner();
      const channel = await at.admin.createChannel();
      await channel.assertQueue(at.queue('pay'), { durable: true });
      await expect(subscribe(at.transport(), at.topic)).rejects.toMatchObject({ code: 'topology-differs', message: expect.stringContaining('x-queue-type') });
      await channel.deleteQueue(at.queue('pay'));
      await expect(subscribe(at.transport({ declare: false }), at.topic)).rejects.toMatchObject({
        code: 'transport-unavailable',
        message: expect.stringContaining(at.queue('pay')),
      });
    });

    test('a queue that is deleted under its consumer is told, and made again', async () => {
      await using at = await corner();
      const transport = at.transport();
      const feed = await subscribe(transport, at.topic);
      const told = expect(feed.receive({ max: 1, signal: AbortSignal.timeout(PATIENCE_MS) })).rejects.toMatchObject({ code: 'transport-unavailable' });
      await (await at.admin.createChannel()).deleteQueue(at.queue('pay'));
      await told;
      const again = drained(feed, 1);
      await expect.poll(() => publish(transport, at.topic, ['a']), { timeout: PATIENCE_MS }).toEqual(['accepted']);
      expect(await again).toEqual(['a']);
      await close(transport);
    });

    test("`deadLetters: 'broker'`: what died when it was first delivered is in the queue's own dead letters, with its identity", async () => {
      await using at = await corner();
      const transport = at.transport({ deadLetters: 'broker' });
      const feed = await subscribe(transport, at.topic);
      await publish(transport, at.topic, ['a']);
      const deliveries = await feed.receive({ max: 1, signal: AbortSignal.timeout(PATIENCE_MS) });
      await feed.settle(deliveries.map((delivery) => ({ delivery, outcome: { kind: 'dead', reason: 'reject' } })));
      const channel = await at.admin.createChannel();
      await expect.poll(async () => (await channel.checkQueue(`${at.queue('pay')}.dead`)).messageCount, { timeout: PATIENCE_MS }).toBe(1);
      const letter = await channel.get(`${at.queue('pay')}.dead`, { noAck: true });
      expect(letter && [letter.properties.messageId, letter.properties.headers?.['x-first-death-reason']]).toEqual(['a', 'rejected']);
      await close(transport);
    });

    describe('with one active consumer', () => {
      test('hands over in order, whoever leaves', async () => {
        await using at = await corner();
        const transport = at.transport({ singleActive: true, prefetch: 10 });
        const first = await subscribe(transport, at.topic);
        const second = await subscribe(transport, at.topic);
        await publish(
          transport,
          at.topic,
          Array.from({ length: 30 }, (_, index) => `m${String(index).padStart(2, '0')}`),
        );
        const some = await first.receive({ max: 4, signal: AbortSignal.timeout(PATIENCE_MS) });
        await first.settle(some.slice(0, 2).map((delivery) => ({ delivery, outcome: { kind: 'done' } })));
        await first.close();
        const rest = await drained(second, 28);
        expect([...idsOf(some.slice(0, 2)), ...rest]).toEqual(Array.from({ length: 30 }, (_, index) => `m${String(index).padStart(2, '0')}`));
        await close(transport);
      });
    });
  });
}
