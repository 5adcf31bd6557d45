import { SemelError } from '../../../core/errors.ts';
import { checkWindow } from '../../../core/redelivery-window.ts';
import type { Feed, SubscribeOptions, Subscriber } from '../../../core/transport.ts';
import { asked } from '../asked.ts';
import type { QueueTarget, TargetQueue } from '../queue-target.ts';
import type { SnsClient } from './sns-client.ts';

/** For how long SNS goes on to deliver into a queue that it cannot reach: 100,015 tries in 23 days. */
const RETRIES_MS = 23 * 86_400_000;

/** Reads a topic by way of queues, one for each consumer. */
export class SnsSubscriber implements Subscriber {
  readonly #client: SnsClient;
  readonly #topicArn: string;
  readonly #queues: QueueTarget & { readonly subscriber: Subscriber };
  readonly #subscriptions: 'check' | 'create';

  constructor(client: SnsClient, topicArn: string, queues: QueueTarget & { readonly subscriber: Subscriber }, subscriptions: 'check' | 'create') {
    this.#client = client;
    this.#topicArn = topicArn;
    this.#queues = queues;
    this.#subscriptions = subscriptions;
  }

  async subscribe(topic: string, options: SubscribeOptions): Promise<Feed> {
    const queue = await this.#queues.queueOf(options);
    if (this.#subscriptions === 'create') await this.#create(queue);
    else await this.#check(queue, options.consumer);
    const source = 'the retries of SNS into a queue, 23 days, and after them the queue and its dead-letter queue';
    checkWindow(options.consumer, { service: `the topic ${this.#topicArn}`, windowMs: RETRIES_MS + queue.windowMs, source }, options.recordsKeptMs);
    return this.#queues.subscriber.subscribe(topic, options);
  }

  close(): Promise<void> {
    return this.#queues.subscriber.close();
  }

  /** Idempotent, for SNS answers with the subscription that there is. */
  async #create(queue: TargetQueue): Promise<void> {
    await queue.admit('sns.amazonaws.com', this.#topicArn);
    if (await this.#isSubscribed(queue)) return;
    const request = { TopicArn: this.#topicArn, Protocol: 'sqs', Endpoint: queue.arn, Attributes: { RawMessageDelivery: 'true' } } as const;
    await asked('SNS', this.#client, `the topic ${this.#topicArn}`, () => this.#client.subscribe(request));
  }

  async #check(queue: TargetQueue, consumer: string): Promise<void> {
    if (await this.#isSubscribed(queue)) return;
    throw new SemelError(
      'capability-missing',
      `consumer ${consumer}: the queue ${queue.arn} is not subscribed to the topic ${this.#topicArn}; subscribe it, with a queue policy that lets the topic send, or set subscriptions: 'create'`,
    );
  }

  async #isSubscribed({ arn }: TargetQueue): Promise<boolean> {
    let token: string | undefined;
    do {
      const request = { TopicArn: this.#topicArn, ...(token === undefined ? {} : { NextToken: token }) };
      const { Subscriptions = [], NextToken } = await asked('SNS', this.#client, `the subscriptions of the topic ${this.#topicArn}`, () =>
        this.#client.listSubscriptionsByTopic(request),
      );
      if (Subscriptions.some(({ Protocol, Endpoint }) => Protocol === 'sqs' && Endpoint === arn)) return true;
      token = NextToken;
    } while (token !== undefined && token !== '');
    return false;
  }
}
