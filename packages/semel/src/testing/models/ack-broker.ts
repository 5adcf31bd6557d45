import { Bell } from '../../core/bell.ts';
import type { Delivery } from '../../core/delivery.ts';
import { checkOptions } from '../../core/options.ts';
import type { Feed, Publisher, SubscribeOptions, Subscriber, Transport } from '../../core/transport.ts';
import { seededRandom } from '../seeded-random.ts';
import { AckFeed, type AckShare } from './ack-feed.ts';
import { type AckEntry, AckQueue } from './ack-queue.ts';
import { ACK_CONTRACT } from './model-contracts.ts';
import { modelPublisher, type PublishFault } from './model-publisher.ts';

/** Options of {@link ackBroker}. */
export interface AckBrokerOptions {
  /** How long a message that was received stays hidden. @default the `leaseMs` of who subscribes */
  readonly visibilityMs?: number;
  /** After so many receives a message goes to the broker's own dead letters. @default no bound */
  readonly maxReceives?: number;
  /** Messages are received in an order that this seed decides. @default the order of their publication */
  readonly shuffleSeed?: number;
  /** What goes wrong with a publish. @default nothing */
  readonly publishFault?: PublishFault;
}

/** A broker that settles message by message, and whose faults can be provoked. */
export interface AckBroker extends Transport {
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  /** The next `count` deliveries stay visible, so that they come twice at once. */
  deliverTwice(count: number): void;
  /** The next `count` acknowledgements are lost on their way. */
  loseAcks(count: number): void;
  /** Delivers everything again that was acknowledged; returns how many messages. */
  redeliverAcknowledged(): number;
  /** Puts bytes into a topic that no publisher of Semel's sent. */
  inject(topic: string, bytes: Uint8Array): void;
  /** What was received `maxReceives` times, per consumer. */
  deadLetters(consumer: string): readonly Delivery['content'][];
}

/**
 * A model of brokers that are acknowledged message by message, with a time for which a received message is hidden. Every consumer
 * has a queue of its own, which begins with all that was published before; feeds of one consumer share it.
 *
 * @example
 * const semel = createSemel({ name: 'shop', store: memory(), routes: { orders: ackBroker({ shuffleSeed: 7 }) } });
 */
export function ackBroker(options: AckBrokerOptions = {}): AckBroker {
  checkOptions('ackBroker()', options, ['visibilityMs', 'maxReceives', 'shuffleSeed', 'publishFault']);
  return new AckModel(options);
}

class AckModel implements AckBroker {
  readonly name = 'ack';
  readonly contract = ACK_CONTRACT;
  readonly publisher: Publisher;
  readonly subscriber: Subscriber;
  readonly #options: AckBrokerOptions;
  readonly #published: { readonly topic: string; readonly content: Delivery['content'] }[] = [];
  readonly #shares = new Map<string, AckShare>();
  readonly #feeds = new Set<AckFeed>();
  readonly #random: (() => number) | undefined;
  #doubles = 0;
  #lostAcks = 0;

  constructor(options: AckBrokerOptions) {
    this.#options = options;
    this.#random = options.shuffleSeed === undefined ? undefined : seededRandom(options.shuffleSeed);
    this.publisher = modelPublisher(({ message, fingerprint, json }) => this.#append(message.topic, { message, fingerprint, json }), options.publishFault);
    this.subscriber = {
      subscribe: async (topic, subscribeOptions) => this.#subscribe(topic, subscribeOptions),
      close: async () => {
        for (const feed of this.#feeds) await feed.close();
      },
    };
  }

  deliverTwice(count: number): void {
    this.#doubles += count;
  }

  loseAcks(count: number): void {
    this.#lostAcks += count;
  }

  redeliverAcknowledged(): number {
    let count = 0;
    for (const { queue, bell } of this.#shares.values()) {
      count += queue.restore();
      bell.ring();
    }
    return count;
  }

  inject(topic: string, bytes: Uint8Array): void {
    this.#append(topic, { bytes });
  }

  deadLetters(consumer: string): readonly Delivery['content'][] {
    return [...this.#shares].flatMap(([name, { queue }]) => (name.endsWith(`\n${consumer}`) ? queue.dead.map(({ content }) => content) : []));
  }

  #append(topic: string, content: Delivery['content']): void {
    this.#published.push({ topic, content });
    for (const [name, { queue, bell }] of this.#shares) {
      if (!name.startsWith(`${topic}\n`)) continue;
      queue.add(topic, content);
      bell.ring();
    }
  }

  #subscribe(topic: string, options: SubscribeOptions): Feed {
    const feed = new AckFeed(this.#share(topic, options.consumer), options, this.#options.visibilityMs ?? options.leaseMs);
    this.#feeds.add(feed);
    return feed;
  }

  #share(topic: string, consumer: string): AckShare {
    const name = `${topic}\n${consumer}`;
    const known = this.#shares.get(name);
    if (known !== undefined) return known;
    const queue = new AckQueue();
    for (const message of this.#published) if (message.topic === topic) queue.add(topic, message.content);
    const share: AckShare = {
      queue,
      bell: new Bell(),
      maxReceives: this.#options.maxReceives ?? Number.POSITIVE_INFINITY,
      arrange: (entries) => this.#arrange(entries),
      doubles: () => this.#doubles > 0 && this.#doubles-- > 0,
      losesAck: () => this.#lostAcks > 0 && this.#lostAcks-- > 0,
    };
    this.#shares.set(name, share);
    return share;
  }

  /** Fisher and Yates's shuffle, where a seed was given. */
  #arrange(entries: AckEntry[]): AckEntry[] {
    if (this.#random === undefined) return entries;
    for (let last = entries.length - 1; last > 0; last--) {
      const at = Math.floor(this.#random() * (last + 1));
      [entries[last], entries[at]] = [entries[at] as AckEntry, entries[last] as AckEntry];
    }
    return entries;
  }
}
