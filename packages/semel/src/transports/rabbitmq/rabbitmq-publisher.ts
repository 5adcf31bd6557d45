import { BatchPublisher, type BatchSink } from '../../core/batch-publisher.ts';
import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import { Opened } from '../../core/opened.ts';
import type { Publisher, PublishResult } from '../../core/transport.ts';
import type { Wire } from '../../core/wire.ts';
import { type Link, unavailable, withinTime } from './rabbitmq-client.ts';
import { Outlet, type Parcel } from './rabbitmq-outlet.ts';
import { MAX_SHORT_BYTES, propertiesOf } from './rabbitmq-record.ts';
import type { Exchanges } from './rabbitmq-topology.ts';

/** Publishes to the exchanges of topics, and knows of each message whether a queue has it. */
export function rabbitmqPublisher(link: Link, exchanges: Exchanges, wire: Wire, maxBytes: number): Publisher {
  return new BatchPublisher(new RabbitmqSink(link, exchanges, wire, maxBytes));
}

/** A channel with confirms and returns. RabbitMQ knows no requests of several messages: what is sent together is what waits for its confirms together. */
class RabbitmqSink implements BatchSink<Parcel> {
  readonly service = 'RabbitMQ';
  readonly maxEntries = 250;
  readonly maxBytes: number;
  readonly maxRequestBytes = 4 << 20;
  readonly ordered = true;
  readonly #link: Link;
  readonly #exchanges: Exchanges;
  readonly #wire: Wire;
  readonly #outlet: Opened<Outlet>;

  constructor(link: Link, exchanges: Exchanges, wire: Wire, maxBytes: number) {
    this.#link = link;
    this.#exchanges = exchanges;
    this.#wire = wire;
    this.maxBytes = maxBytes;
    this.#outlet = new Opened(
      () => this.#open(),
      ({ channel }) => channel.close(),
    );
  }

  async open(messages: readonly SealedMessage[]): Promise<void> {
    const { blocked } = await this.#link.get();
    if (blocked !== undefined) throw unavailable(`blocks publishers: ${blocked}`, undefined); // nothing of it was sent, and nothing would be confirmed
    const outlet = await this.#outlet.get();
    await outlet.ensure(new Set(messages.map(({ message }) => message.topic)), this.#exchanges);
  }

  /** Throws for what the broker never takes, and would close the channel for. */
  entryOf(sealed: SealedMessage): Parcel {
    const { topic, type } = sealed.message;
    if (Buffer.byteLength(type) > MAX_SHORT_BYTES) {
      const text = `the type of the message is its routing key, of which RabbitMQ takes at most ${MAX_SHORT_BYTES} bytes`;
      throw new SemelError('too-large', text, { details: { maxBytes: MAX_SHORT_BYTES } });
    }
    const outgoing = this.#wire.encode(sealed);
    return { exchange: this.#exchanges.exchangeOf(topic), routingKey: type, body: Buffer.from(outgoing.body), properties: propertiesOf(sealed, outgoing) };
  }

  bytesOf({ body }: Parcel): number {
    return body.length;
  }

  async send(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly PublishResult[]> {
    const outlet = await this.#outlet.get();
    return outlet.send(parcels, signal);
  }

  /** There was no channel to send by. */
  refusalOf(error: unknown): PublishResult {
    return { kind: 'failed', retryable: true, error };
  }

  async close(): Promise<void> {
    await withinTime(this.#outlet.close());
    await withinTime(this.#link.close());
  }

  async #open(): Promise<Outlet> {
    const { connection } = await this.#link.get();
    const channel = await connection.createConfirmChannel().catch((cause) => {
      throw unavailable('opens no channel', cause);
    });
    const outlet = new Outlet(channel);
    channel.on('close', () => this.#outlet.broke(outlet));
    return outlet;
  }
}
