import type { LargePayloads } from 'semel/sqs';
import { expect, test } from 'vitest';
import { decoded, idsOf } from '../../src/testing/transport-suite/transport-bench.ts';
import { benchOn, type ModelBench } from './model-bench.ts';

const LARGE = 'x'.repeat(4_000);

class Payloads implements LargePayloads {
  readonly kept = new Map<string, Uint8Array>();
  outage = false;

  async put(key: string, bytes: Uint8Array): Promise<void> {
    if (this.outage) throw new Error('the payload store is down');
    this.kept.set(key, bytes);
  }

  async get(key: string): Promise<Uint8Array | undefined> {
    if (this.outage) throw new Error('the payload store is down');
    return this.kept.get(key);
  }
}

function open(queue = 'orders'): ModelBench & { readonly payloads: Payloads } {
  const payloads = new Payloads();
  return { ...benchOn(queue, { largePayloads: payloads, maxMessageBytes: 2_000 }), payloads };
}

test('what is too large goes to the payload store, and comes back whole; what is not stays a message', async () => {
  const { bench, payloads } = open();
  const feed = await bench.subscribe();
  const large = bench.message('large', { key: 'k', data: { text: LARGE } });
  await bench.publish([large, bench.message('small')]);
  expect(payloads.kept.size).toBe(1);
  const deliveries = await bench.receive(feed, 2);
  expect(idsOf(deliveries)).toEqual(['large', 'small']);
  expect(JSON.parse(JSON.stringify(decoded(deliveries[0]!)))).toEqual(JSON.parse(JSON.stringify(large.message)));
  await bench.publish([large]);
  expect(payloads.kept.size).toBe(1); // a repeated publish puts the same under the same key
});

test('while the payload store is down nothing is published; what waits costs no attempt, and comes in order', async () => {
  const { bench, payloads } = open('orders.fifo');
  const feed = await bench.subscribe();
  const messages = ['a1', 'a2'].map((id) => bench.message(id, { key: 'a', data: { id, text: LARGE } }));
  payloads.outage = true;
  const results = await bench.publisher.publish(messages.slice(0, 1), { signal: new AbortController().signal });
  expect(results).toMatchObject([{ kind: 'failed', retryable: true }]);
  payloads.outage = false;
  await bench.publish(messages);
  payloads.outage = true;
  await expect(bench.receive(feed, 2)).rejects.toThrow('the payload store is down');
  payloads.outage = false;
  await bench.pass(5_000);
  const deliveries = await bench.receive(feed, 2);
  expect(deliveries.map((delivery) => [idsOf([delivery])[0], delivery.attempt])).toEqual([
    ['a1', 1],
    ['a2', 1],
  ]);
});

test('a payload that is gone, or another than was put there, is refused by the engine', async () => {
  const { bench, payloads } = open();
  const feed = await bench.subscribe();
  await bench.publish(['a', 'b'].map((id) => bench.message(id, { data: { id, text: LARGE } })));
  const [first = '', second = ''] = payloads.kept.keys();
  payloads.kept.delete(first);
  payloads.kept.set(second, new TextEncoder().encode('{}'));
  for (const delivery of await bench.receive(feed, 2)) expect(() => decoded(delivery)).toThrow(expect.objectContaining({ code: 'payload-missing' }));
});

test('only what Semel would have written is a reference: nobody reads other keys through it', async () => {
  const { bench, model, payloads } = open();
  payloads.kept.set('secrets', new TextEncoder().encode('{}'));
  const feed = await bench.subscribe();
  const MessageBody = JSON.stringify({ semelpayload: 'secrets', bytes: 2 });
  await model.sendMessageBatch({ QueueUrl: 'orders', Entries: [{ Id: '0', MessageBody, MessageAttributes: {} }] });
  const [delivery] = await bench.receive(feed, 1);
  expect(delivery && 'bytes' in delivery.content && Buffer.from(delivery.content.bytes).toString()).toBe(MessageBody);
});
