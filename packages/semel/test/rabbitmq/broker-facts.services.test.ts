import { setTimeout } from 'node:timers/promises';
import type { Channel, ConsumeMessage } from 'amqplib';
import { expect, test } from 'vitest';
import { describeWith, serviceUrl } from '../services/describe-with.ts';
import { Corner, connection } from './rabbitmq.ts';

/** What the broker itself does, by the bare client: the facts that the contract states, and what goes wrong without Semel. */

const QUORUM = { 'x-queue-type': 'quorum' };
const QUIET_MS = 300;

/** Consumes what comes within a while. */
async function received(channel: Channel, queue: string, prefetch: number): Promise<readonly ConsumeMessage[]> {
  const messages: ConsumeMessage[] = [];
  await channel.prefetch(prefetch);
  await channel.consume(queue, (message) => void (message && messages.push(message)));
  await setTimeout(QUIET_MS);
  return messages;
}

const countOf = (message: ConsumeMessage | undefined): unknown => message?.properties.headers?.['x-delivery-count'] ?? 0;

for (const service of ['rabbitmq', 'rabbitmq-3'] as const) {
  describeWith(service, `what ${service} does`, () => {
    async function withQueue(more: Readonly<Record<string, unknown>>, count: number, run: (corner: Corner, queue: string) => Promise<void>): Promise<void> {
      await using corner = await Corner.open(serviceUrl(service) as string, ['facts']);
      const queue = corner.queue('facts');
      const channel = await corner.admin.createConfirmChannel();
      await channel.assertExchange(corner.topic, 'topic', { durable: true });
      await channel.assertQueue(queue, { durable: true, arguments: { ...QUORUM, ...more } });
      for (let number = 0; number < count; number++) channel.sendToQueue(queue, Buffer.from(String(number)), { persistent: true });
      await channel.waitForConfirms();
      await channel.close();
      await run(corner, queue);
    }

    test('trap 30: naive: an unroutable message is confirmed, and lost', async () => {
      await withQueue({}, 0, async ({ admin, topic }) => {
        const channel = await admin.createConfirmChannel();
        channel.publish(topic, 'nobody', Buffer.from('gone'));
        await expect(channel.waitForConfirms()).resolves.not.toThrow();
      });
    });

    test('x-delivery-count counts what was merely in hand, of a farewell too, and what was given back', async () => {
      await withQueue({ 'x-delivery-limit': 100 }, 3, async ({ admin }, queue) => {
        const first = await admin.createChannel();
        expect((await received(first, queue, 10)).map(countOf)).toEqual([0, 0, 0]);
        await first.close();
        const second = await admin.createChannel();
        const again = await received(second, queue, 10);
        expect(again.map(countOf)).toEqual([1, 1, 1]);
        for (const message of again) second.nack(message, false, true);
        await setTimeout(QUIET_MS);
        await second.close();
        const third = await admin.createChannel();
        expect((await received(third, queue, 10)).map(({ fields }) => fields.redelivered)).toEqual([true, true, true]);
      });
    });

    test('a delivery limit of -1 is none from 4.0 on, and before that drops at the first return', async () => {
      await withQueue({ 'x-delivery-limit': -1 }, 1, async ({ admin }, queue) => {
        const first = await admin.createChannel();
        await received(first, queue, 1);
        await first.close();
        const second = await admin.createChannel();
        expect(await received(second, queue, 1)).toHaveLength(service === 'rabbitmq' ? 1 : 0);
      });
    });

    const of40 = service === 'rabbitmq' ? test : () => {};
    of40('trap 30: naive: without a limit of its own a queue of 4.0 drops in silence what was returned 21 times', async () => {
      await withQueue({}, 1, async ({ admin }, queue) => {
        const channel = await admin.createChannel();
        let deliveries = 0;
        await channel.consume(queue, (message) => {
          deliveries++;
          if (message) channel.nack(message, false, true);
        });
        await expect.poll(() => deliveries, { timeout: 5_000 }).toBe(21);
        await setTimeout(QUIET_MS);
        expect([deliveries, (await channel.checkQueue(queue)).messageCount]).toEqual([21, 0]);
      });
    });

    test('what a dead receiver had in hand comes back first and in its order; taken in parts, and returned again, it does not', async () => {
      await withQueue({ 'x-delivery-limit': 100 }, 12, async ({ admin, url }, queue) => {
        const takenBy = async (prefetch: number) => {
          const one = await connection(url);
          const messages = await received(await one.createChannel(), queue, prefetch);
          (one.connection as unknown as { readonly stream: { destroy(): void } }).stream.destroy(); // no farewell
          await setTimeout(QUIET_MS);
          return messages.map(({ content }) => Number(content));
        };
        expect(await takenBy(6)).toEqual([0, 1, 2, 3, 4, 5]);
        expect(await takenBy(6)).toEqual([0, 1, 2, 3, 4, 5]);
        expect(await takenBy(2)).toEqual([0, 1]);
        const channel = await admin.createChannel();
        expect((await received(channel, queue, 12)).map(({ content }) => Number(content))).toEqual([2, 3, 4, 5, 0, 1, 6, 7, 8, 9, 10, 11]);
      });
    });

    test('of a single active consumer that cancels, the next begins with what follows; of one that ends its channel, with what that had in hand', async () => {
      for (const farewell of ['cancel', 'close'] as const) {
        await withQueue({ 'x-delivery-limit': 100, 'x-single-active-consumer': true }, 4, async ({ admin }, queue) => {
          const [first, second] = [await admin.createChannel(), await admin.createChannel()];
          await first.prefetch(2);
          const { consumerTag } = await first.consume(queue, () => {});
          await setTimeout(QUIET_MS);
          const next = received(second, queue, 10);
          await setTimeout(QUIET_MS / 2);
          if (farewell === 'cancel') await first.cancel(consumerTag);
          else await first.close();
          expect((await next).map(({ content }) => Number(content)).slice(0, 2)).toEqual(farewell === 'cancel' ? [2, 3] : [0, 1]);
        });
      }
    });
  });
}
