import type { Feed, SubscribeOptions, Subscriber } from '../../../core/transport.ts';
import type { Wire } from '../../../core/wire.ts';
import type { Link } from '../rabbitmq-client.ts';
import { type StreamReading, StreamSource } from './stream-source.ts';
import type { StreamTopology } from './stream-topology.ts';

/** Reads streams, each consumer's by one process at a time; the store says where they are read on. */
export class StreamSubscriber implements Subscriber {
  readonly #link: () => Link;
  readonly #topology: StreamTopology;
  readonly #wire: Wire;
  readonly #reading: StreamReading;
  readonly #feeds = new Set<Feed>();

  /** @param link makes one for each reader: its turn goes with its connection */
  constructor(link: () => Link, topology: StreamTopology, wire: Wire, reading: StreamReading) {
    this.#link = link;
    this.#topology = topology;
    this.#wire = wire;
    this.#reading = reading;
  }

  async subscribe(topic: string, options: SubscribeOptions): Promise<Feed> {
    const source = new StreamSource(topic, options, this.#reading, this.#topology, this.#wire, this.#link());
    try {
      await source.advance();
    } catch (error) {
      await source.feed.close();
      throw error;
    }
    this.#feeds.add(source.feed);
    return source.feed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds].map((feed) => feed.close()));
    this.#feeds.clear();
  }
}
