import { anySignal } from '../../core/any-signal.ts';
import type { Delivery } from '../../core/delivery.ts';
import { Opened } from '../../core/opened.ts';
import type { Feed, Settled, SubscribeOptions, Subscriber } from '../../core/transport.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import type { Wire } from '../../core/wire.ts';
import { channelOf, type Link, type RabbitmqMessage, unavailable, withinTime } from './rabbitmq-client.ts';
import { Consumption } from './rabbitmq-consumption.ts';
import { recordOf } from './rabbitmq-record.ts';
import type { RabbitmqTopology } from './rabbitmq-topology.ts';

/** How a subscriber receives. */
export interface Reception {
  readonly prefetch: number;
  readonly singleActive: boolean;
  readonly rejectsDead: boolean;
}

/** Receives from a queue for each consumer, and acknowledges there after the commit here. */
export class RabbitmqSubscriber implements Subscriber {
  readonly #link: Link;
  readonly #topology: RabbitmqTopology;
  readonly #wire: Wire;
  readonly #reception: Reception;
  readonly #feeds = new Set<Feed>();

  constructor(link: Link, topology: RabbitmqTopology, wire: Wire, reception: Reception) {
    this.#link = link;
    this.#topology = topology;
    this.#wire = wire;
    this.#reception = reception;
  }

  async subscribe(topic: string, options: SubscribeOptions): Promise<Feed> {
    const queue = await this.#topology.queueFor(options, this.#link);
    const open = (feed: RabbitmqFeed) => this.#open(topic, queue, options, feed);
    const feed = new RabbitmqFeed(open);
    await feed.open();
    this.#feeds.add(feed);
    return feed;
  }

  async close(): Promise<void> {
    await Promise.all([...this.#feeds].map((feed) => feed.close()));
    this.#feeds.clear();
    await withinTime(this.#link.close());
  }

  /** Makes sure of the queue each time: it may have been deleted since. */
  async #open(topic: string, queue: string, { runtime }: SubscribeOptions, feed: RabbitmqFeed): Promise<Consumption> {
    const channel = await channelOf(await this.#link.get());
    const { prefetch, singleActive, rejectsDead } = this.#reception;
    const deliveryOf = (message: RabbitmqMessage) => this.#deliveryOf(topic, message);
    const consumption = new Consumption(channel, { queue, prefetch, inOrder: singleActive, rejectsDead, runtime, deliveryOf }, feed.broke);
    await this.#topology.ensureQueue(channel, topic, queue);
    await consumption.start().catch((cause) => {
      throw unavailable(`does not let queue ${queue} be consumed`, cause);
    });
    return consumption;
  }

  /** What was returned is suspect, whatever the reason: the broker counts returns, and cannot tell a crash from a farewell. */
  #deliveryOf(topic: string, message: RabbitmqMessage): Delivery {
    const content = this.#wire.content(recordOf(message), topic);
    const delivery = { topic, content, receipt: { kind: 'external' }, attempt: 1 } as const;
    return message.fields.redelivered ? { ...delivery, suspect: true } : delivery;
  }
}

/** A consumer's queue, over as many channels as it takes. */
class RabbitmqFeed implements Feed {
  readonly #consumption: Opened<Consumption>;
  readonly #homes = new WeakMap<Delivery, Consumption>();
  readonly #closed = new AbortController();
  /** The end of a channel that nobody was told of yet. */
  #ended: { readonly cause: unknown } | undefined;

  constructor(open: (feed: RabbitmqFeed) => Promise<Consumption>) {
    this.#consumption = new Opened(
      () => open(this),
      (consumption) => consumption.close(),
    );
  }

  /** Told of the end of a consumption, and why. */
  readonly broke = (consumption: Consumption, cause: unknown): void => {
    this.#consumption.broke(consumption);
    this.#ended = { cause };
  };

  async open(): Promise<void> {
    await this.#consumption.get();
  }

  async receive({ max, signal }: { readonly max: number; readonly signal: AbortSignal }): Promise<readonly Delivery[]> {
    this.#tellOfEnd();
    const over = anySignal(signal, this.#closed.signal);
    return this.#receive(max, over.signal).finally(over.release);
  }

  async #receive(max: number, over: AbortSignal): Promise<readonly Delivery[]> {
    const consumption = over.aborted ? undefined : await unlessAborted(this.#consumption.get(), over);
    if (consumption === undefined) return [];
    const deliveries = await consumption.take(max, over);
    for (const delivery of deliveries) this.#homes.set(delivery, consumption);
    if (deliveries.length === 0) this.#tellOfEnd();
    return deliveries;
  }

  async settle(settled: readonly Settled[]): Promise<void> {
    for (const { delivery, outcome } of settled) this.#homes.get(delivery)?.settle(delivery, outcome);
  }

  /** Nothing can be prolonged: a delivery is its receiver's for as long as the channel lives. */
  async extend(deliveries: readonly Delivery[]): Promise<readonly Delivery[]> {
    return deliveries.filter((delivery) => !this.#homes.get(delivery)?.has(delivery));
  }

  async pending(): Promise<number> {
    return (await this.#consumption.get()).pending();
  }

  async close(): Promise<void> {
    this.#closed.abort();
    await withinTime(this.#consumption.close()); // it may still be opening, at a broker that does not answer
  }

  /** Throws where a channel ended that was not closed from here, once. */
  #tellOfEnd(): void {
    const ended = this.#closed.signal.aborted ? undefined : this.#ended;
    this.#ended = undefined;
    if (ended !== undefined) throw unavailable('ended the channel of a consumer', ended.cause);
  }
}
