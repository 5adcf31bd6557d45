import { createSemel, type StandardSchema, topic } from 'semel';
import { sns } from 'semel/sns';
import { sqs } from 'semel/sqs';
import { memory } from 'semel/testing';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { queueAt, sqsAt, type TestQueue } from '../sqs/queues.ts';
import { snsAt, type TestTopic, topicAt } from './topics.ts';

interface Order {
  readonly id: string;
}

const anOrder: StandardSchema<Order, Order> = { '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as Order }) } };
const orders = topic('orders', { schema: anOrder, id: (o) => o.id });
const POLICIES = { leaseMs: 3_000, timeoutMs: 1_000 };

describeWith('fauxqs', 'a topic of SNS with a queue for each consumer', () => {
  const [client, queueClient] = [snsAt('fauxqs'), sqsAt('fauxqs')];
  let at: TestTopic;
  let queue: TestQueue;

  beforeEach(async () => {
    at = await topicAt(client, false);
    queue = await queueAt(queueClient, false, {}, `${at.name}-book`);
  });

  afterEach(async () => {
    await Promise.all([at.drop(), queue.drop()]);
  });

  const transport = (subscriptions: 'check' | 'create') => sns({ client, topic: at.arn, queues: sqs({ client: queueClient, queue: `${at.name}-{consumer}` }), subscriptions });

  function billing(subscriptions: 'check' | 'create', effects: string[] = []) {
    const semel = createSemel({ name: 'billing', store: memory(), routes: { orders: transport(subscriptions) } });
    semel.consume(orders, { name: 'book', ...POLICIES }, ({ message }) => void effects.push(message.id));
    return semel;
  }

  test('a queue that is not subscribed is refused; `create` subscribes it, raw, with a policy, and only once', async () => {
    await expect(billing('check').start()).rejects.toMatchObject({ code: 'capability-missing' });
    for (let start = 0; start < 2; start++) await (await billing('create').start()).stop();
    await (await billing('check').start()).stop();
    const { Subscriptions = [] } = await client.listSubscriptionsByTopic({ TopicArn: at.arn });
    expect(Subscriptions.map(({ Endpoint }) => Endpoint)).toEqual([queue.arn]);
    const { Attributes = {} } = await client.getSubscriptionAttributes({ SubscriptionArn: Subscriptions[0]?.SubscriptionArn });
    expect(Attributes['RawMessageDelivery']).toBe('true');
    const { Attributes: { Policy = '{}' } = {} } = await queueClient.getQueueAttributes({ QueueUrl: queue.url, AttributeNames: ['All'] });
    expect(JSON.parse(Policy).Statement).toMatchObject([{ Effect: 'Allow', Principal: { Service: 'sns.amazonaws.com' }, Condition: { ArnEquals: { 'aws:SourceArn': at.arn } } }]);
  });

  test('trap 32: delivered twice, raw and wrapped, an order takes effect once', async () => {
    await client.subscribe({ TopicArn: at.arn, Protocol: 'sqs', Endpoint: queue.arn });
    const second = await queueAt(queueClient, false);
    await client.subscribe({ TopicArn: at.arn, Protocol: 'sqs', Endpoint: second.arn, Attributes: { RawMessageDelivery: 'true' } });
    const shop = createSemel({ name: 'shop', store: memory(), routes: { orders: transport('check') } });
    await shop.publish(orders, { id: 'a' });
    const relaying = await shop.start();
    await relaying.idle();
    await relaying.stop();
    const { Messages: [raw] = [] } = await queueClient.receiveMessage({ QueueUrl: second.url, WaitTimeSeconds: 2 });
    await queueClient.sendMessage({ QueueUrl: queue.url, MessageBody: raw?.Body ?? '' }); // as if a second subscription were raw
    expect(await queue.count()).toBe(2);
    const effects: string[] = [];
    const consuming = await billing('check', effects).start();
    await expect.poll(() => queue.count(), { timeout: 10_000 }).toBe(0);
    await consuming.stop();
    expect(effects).toEqual(['a']);
    await second.drop();
  });
});
