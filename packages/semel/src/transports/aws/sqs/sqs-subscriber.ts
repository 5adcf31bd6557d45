import type { Delivery } from '../../../core/delivery.ts';
import { SemelError } from '../../../core/errors.ts';
import type { Feed, SubscribeOptions, Subscriber } from '../../../core/transport.ts';
import type { Wire } from '../../../core/wire.ts';
import type { WireRecord } from '../../../core/wire-record.ts';
import { unwrapped } from '../envelopes.ts';
import { checkOut, type LargePayloads, referenceIn } from '../large-payloads.ts';
import type { TargetQueue } from '../queue-target.ts';
import type { SqsClient, SqsMessage } from './sqs-client.ts';
import { SqsFeed, type SqsReading } from './sqs-feed.ts';
import { checkQueue, footingOf } from './sqs-footing.ts';
import { SqsQueue } from './sqs-queue.ts';

/** What decides how a queue is read. */
export interface SqsSource extends Pick<SqsReading, 'fifo' | 'deadLetters' | 'waitSeconds'> {
  readonly client: SqsClient;
  readonly wire: Wire;
  readonly largePayloads: LargePayloads | undefined;
  /** A consumer's queue: its name, URL or ARN. */
  nameOf(consumer: Pick<SubscribeOptions, 'service' | 'consumer'>): string;
}

/** Reads queues. */
export class SqsSubscriber implements Subscriber {
  readonly #source: SqsSource;
  readonly #feeds = new Set<SqsFeed>();
  /** Who reads a queue in this process. */
  readonly #readers = new Map<string, string>();

  constructor(source: SqsSource) {
    this.#source = source;
  }

  async subscribe(topic: string, options: SubscribeOptions): Promise<Feed> {
    const { client, wire, largePayloads, fifo, deadLetters } = this.#source;
    const name = this.#source.nameOf(options);
    this.#claim(name, options);
    const queue = await SqsQueue.find(client, name);
    checkQueue(name, await footingOf(client, queue, name, fifo), deadLetters, options);
    const feed = new SqsFeed({ ...this.#source, queue, topic, options, contentOf: (message) => contentOf(recordOf(message), topic, wire, largePayloads) });
    this.#feeds.add(feed);
    return feed;
  }

  /** The queue of a consumer, for who delivers into it. */
  async target(consumer: Pick<SubscribeOptions, 'service' | 'consumer'>): Promise<TargetQueue> {
    const { client, fifo } = this.#source;
    const name = this.#source.nameOf(consumer);
    const queue = await SqsQueue.find(client, name);
    const { arn, windowMs, policy } = await footingOf(client, queue, name, fifo);
    return { arn, windowMs, admit: (service, sourceArn) => queue.admit(arn, policy, service, sourceArn) };
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds].map((feed) => feed.close()));
  }

  /** Two consumers of one queue would share its messages out, and each would miss the other's. */
  #claim(name: string, { consumer }: SubscribeOptions): void {
    const reader = this.#readers.get(name);
    if (reader !== undefined && reader !== consumer)
      throw new SemelError(
        'capability-missing',
        `consumer ${consumer}: the queue ${name} is consumer ${reader}'s, and each message of a queue goes to one of its readers; give each a queue of its own that a topic of SNS delivers into: semel/sns`,
      );
    this.#readers.set(name, consumer);
  }
}

function recordOf({ Body = '', Attributes = {}, MessageAttributes = {} }: SqsMessage): WireRecord {
  const { MessageGroupId: key, SentTimestamp } = Attributes;
  const headers = Object.entries(MessageAttributes).flatMap(([name, { StringValue }]) => (StringValue === undefined ? [] : [[name.toLowerCase(), StringValue]]));
  const record = { body: Buffer.from(Body), headers: Object.fromEntries(headers), ...(key === undefined ? {} : { key }) };
  return SentTimestamp === undefined ? record : { ...record, atMs: Number(SentTimestamp) };
}

/** Decoding is left to the engine; a payload that was put aside is fetched first. Rejects where it cannot be had now. */
async function contentOf(record: WireRecord, topic: string, wire: Wire, largePayloads: LargePayloads | undefined): Promise<Delivery['content']> {
  const key = largePayloads && referenceIn(record.body);
  const body = largePayloads === undefined || key === undefined ? record.body : await checkOut(largePayloads, key);
  const bytes = body instanceof SemelError ? record.body : body;
  return {
    bytes,
    decode: (limits) => {
      if (body instanceof SemelError) throw body;
      return wire.read(unwrapped({ ...record, body }, limits), topic, limits);
    },
  };
}
