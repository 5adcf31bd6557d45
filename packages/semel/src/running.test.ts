import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import type { Delivery } from './core/delivery.ts';
import { SemelError } from './core/errors.ts';
import type { SealedMessage } from './core/message.ts';
import type { StandardSchema } from './core/standard-schema.ts';
import { topic } from './core/topic.ts';
import type { Transport } from './core/transport.ts';
import { createSemel } from './semel.ts';
import { memory } from './testing/index.ts';
import { ACK_CONTRACT } from './testing/models/model-contracts.ts';

const anything: StandardSchema<string, string> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: String(value) }) } };
const words = topic('words', { schema: anything, id: (word) => word });

test('what goes from the outbox to the broker while that is asked is not overlooked', async () => {
  const atBroker: SealedMessage[] = [];
  const [refused, published, delivered] = [Promise.withResolvers<void>(), Promise.withResolvers<void>(), Promise.withResolvers<void>()];
  let tries = 0;
  const transport: Transport = {
    name: 'broker',
    contract: ACK_CONTRACT,
    publisher: {
      keepsKeyOrder: true,
      publish: async (messages) => {
        if (++tries === 1) {
          refused.resolve();
          throw new SemelError('transport-unavailable', 'not yet'); // the relay waits a while, and is not busy
        }
        atBroker.push(...messages);
        published.resolve();
        return messages.map(() => ({ kind: 'accepted' }));
      },
      close: async () => {},
    },
    subscriber: {
      subscribe: async (name) => ({
        receive: async ({ signal }) => {
          await Promise.race([delivered.promise, new Promise((resolve) => signal.addEventListener('abort', resolve))]);
          return atBroker.splice(0).map(({ message }): Delivery => ({ topic: name, content: { message }, receipt: { kind: 'external' }, attempt: 1 }));
        },
        settle: async () => {},
        extend: async () => [],
        pending: async () => {
          const pending = atBroker.length;
          await published.promise;
          await setTimeout(50); // the relay marks
          return pending;
        },
        close: async () => {},
      }),
      close: async () => {},
    },
  };
  const handled: string[] = [];
  const semel = createSemel({ name: 'shop', store: memory(), routes: { words: transport } });
  semel.consume(words, { name: 'counter' }, ({ message }) => void handled.push(message.data));
  await using running = await semel.start();
  await semel.transaction(({ publish }) => publish(words, 'one'));
  await refused.promise;
  await setTimeout(10);
  let idle = false;
  const becameIdle = running.idle().then(() => (idle = true));
  await published.promise;
  await setTimeout(200);
  expect(idle).toBe(false);
  delivered.resolve();
  await becameIdle;
  expect(handled).toEqual(['one']);
});
