import type { Delivery } from '../../core/delivery.ts';
import type { Feed, Settled, SubscribeOptions, Subscriber } from '../../core/transport.ts';
import type { Wire } from '../../core/wire.ts';
import type { KafkaClient } from './kafka-client.ts';
import type { ReadingOptions } from './kafka-options.ts';
import { KafkaSource } from './kafka-source.ts';

/** Reads topics as a member of a group for each consumer; the group shares out the partitions, and the store says where they are read on. */
export class KafkaSubscriber implements Subscriber {
  readonly #client: KafkaClient;
  readonly #wire: Wire;
  readonly #reading: ReadingOptions;
  readonly #feeds = new Set<Feed>();

  constructor(client: KafkaClient, wire: Wire, reading: ReadingOptions) {
    this.#client = client;
    this.#wire = wire;
    this.#reading = reading;
  }

  async subscribe(topic: string, options: SubscribeOptions): Promise<Feed> {
    const source = new KafkaSource(topic, options, this.#reading, this.#wire);
    await source.join(this.#client);
    const feed = new KafkaFeed(source);
    this.#feeds.add(feed);
    return feed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds].map((feed) => feed.close()));
    this.#feeds.clear();
  }
}

/** A log's feed that says what is wrong at its broker, also while other partitions go on. */
class KafkaFeed implements Feed {
  readonly #source: KafkaSource;

  constructor(source: KafkaSource) {
    this.#source = source;
  }

  async receive(options: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    this.#source.troubles.tell();
    return this.#source.feed.receive(options);
  }

  settle(settled: readonly Settled[]): Promise<void> {
    return this.#source.feed.settle(settled);
  }

  extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return this.#source.feed.extend(deliveries);
  }

  pending(): Promise<number> {
    return this.#source.feed.pending();
  }

  close(): Promise<void> {
    return this.#source.feed.close();
  }
}
