import { createSemel, type StandardSchema, topic } from 'semel';
import { sqs } from 'semel/sqs';
import { faultProxy, memory } from 'semel/testing';
import { expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { queueAt, sqsAt } from './queues.ts';

interface Order {
  readonly id: string;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema: anOrder, id: (o) => o.id });
const POLICIES = { leaseMs: 3_000, timeoutMs: 1_000 };

describeWith('elasticmq', 'a reply of SQS is lost', () => {
  const server = { port: Number(new URL(serviceUrl('elasticmq') as string).port) };

  for (const fifo of [false, true]) {
    test(`trap 9: to SendMessageBatch, ${fifo ? 'FIFO: the message is there once' : 'standard: the message is there twice'}, and takes effect once`, async () => {
      await using proxy = await faultProxy({ to: server });
      const behind = sqsAt('elasticmq', `http://127.0.0.1:${proxy.port}`);
      const direct = sqsAt('elasticmq');
      const queue = await queueAt(direct, fifo);
      const shop = createSemel({ name: 'shop', store: memory(), routes: { orders: sqs({ client: behind, queue: queue.name }) } });
      const lost = proxy.once({ request: 'SendMessageBatch', then: 'cut-reply' });
      await shop.publish(orders, { id: 'a' });
      const relaying = await shop.start();
      await lost;
      await relaying.idle();
      await relaying.stop();
      expect(await queue.count()).toBe(fifo ? 1 : 2);

      const effects: string[] = [];
      const billing = createSemel({ name: 'billing', store: memory(), routes: { orders: sqs({ client: direct, queue: queue.name }) } });
      billing.consume(orders, { name: 'book', ...POLICIES }, ({ message }) => void effects.push(message.id));
      const consuming = await billing.start();
      await expect.poll(() => queue.count(), { timeout: 10_000 }).toBe(0);
      await consuming.stop();
      expect(effects).toEqual(['a']);
      await queue.drop();
    });
  }

  test('trap 24: to DeleteMessageBatch: it is deleted once more, and takes effect once', async () => {
    await using proxy = await faultProxy({ to: server });
    const direct = sqsAt('elasticmq');
    const queue = await queueAt(direct, false);
    const effects: string[] = [];
    const billing = createSemel({ name: 'billing', store: memory(), routes: { orders: sqs({ client: sqsAt('elasticmq', `http://127.0.0.1:${proxy.port}`), queue: queue.name }) } });
    billing.consume(orders, { name: 'book', ...POLICIES }, ({ message }) => void effects.push(message.id));
    const lost = proxy.once({ request: 'DeleteMessageBatch', then: 'cut-reply' });
    const consuming = await billing.start();
    const event = { specversion: '1.0', id: 'a', source: 'shop/orders', type: 'orders', data: { id: 'a' } };
    await direct.sendMessage({ QueueUrl: queue.url, MessageBody: JSON.stringify(event) });
    await lost;
    await expect.poll(() => queue.count(), { timeout: 10_000 }).toBe(0);
    await consuming.stop();
    expect(effects).toEqual(['a']);
    await queue.drop();
  });
});
