import type { Transport } from 'semel';
import { sqs } from 'semel/sqs';
import { transportSuite } from 'semel/testing';
import { test } from 'vitest';
import { ModelSqs } from './model-sqs.ts';

for (const name of ['orders', 'orders.fifo']) {
  transportSuite({
    test,
    name: `SQS's model, ${name}`,
    transport: sqs({ client: new ModelSqs(), queue: name }),
    create: async () => {
      const model = new ModelSqs();
      model.create(name);
      const inject = async (bytes: Uint8Array) => {
        const grouping = name.endsWith('.fifo') ? { MessageGroupId: String(Math.random()), MessageDeduplicationId: String(Math.random()) } : {};
        const MessageBody = Buffer.from(bytes).toString();
        if (MessageBody === '' || !Buffer.from(MessageBody).equals(bytes)) return false;
        await model.sendMessageBatch({ QueueUrl: name, Entries: [{ Id: '0', MessageBody, MessageAttributes: {}, ...grouping }] });
        return true;
      };
      return { transport: timed(model, sqs({ client: model, queue: name })), topic: 'orders', inject, close: async () => {} };
    },
  });
}

/** The model's time is that of who reads it. */
function timed(model: ModelSqs, transport: Transport): Transport {
  const { subscriber } = transport;
  if (subscriber === undefined) return transport;
  const subscribe: typeof subscriber.subscribe = (topic, options) => {
    model.runtime = options.runtime;
    return subscriber.subscribe(topic, options);
  };
  return { ...transport, subscriber: { subscribe, close: () => subscriber.close() } };
}
