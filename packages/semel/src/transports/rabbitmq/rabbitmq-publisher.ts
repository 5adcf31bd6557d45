import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import { Opened } from '../../core/opened.ts';
import { requestsOf, tooLarge } from '../../core/requests.ts';
import type { Publisher, PublishResult } from '../../core/transport.ts';
import type { Wire } from '../../core/wire.ts';
import { type Link, unavailable, withinTime } from './rabbitmq-client.ts';
import { Outlet, type Parcel } from './rabbitmq-outlet.ts';
import { MAX_SHORT_BYTES, propertiesOf } from './rabbitmq-record.ts';
import type { Exchanges } from './rabbitmq-topology.ts';

const WINDOW_MESSAGES = 500;
const WINDOW_BYTES = 8 << 20;

/** Publishes to the exchanges of topics, and knows of each message whether a queue has it: confirms and returns, in windows. */
export class RabbitmqPublisher implements Publisher {
  /** A window is on its way before its first answer comes: what follows a refused message of its key may be in a queue by then. */
  readonly keepsKeyOrder = false;
  readonly #link: Link;
  readonly #exchanges: Exchanges;
  readonly #wire: Wire;
  readonly #maxMessageBytes: number;
  readonly #outlet: Opened<Outlet>;

  constructor(link: Link, exchanges: Exchanges, wire: Wire, maxMessageBytes: number) {
    this.#link = link;
    this.#exchanges = exchanges;
    this.#wire = wire;
    this.#maxMessageBytes = maxMessageBytes;
    this.#outlet = new Opened(
      () => this.#open(),
      ({ channel }) => channel.close(),
    );
  }

  async publish(messages: readonly SealedMessage[], { signal }: { readonly signal: AbortSignal }): Promise<readonly PublishResult[]> {
    if (messages.length === 0) return [];
    const { blocked } = await this.#link.get();
    if (blocked !== undefined) throw unavailable(`blocks publishers: ${blocked}`, undefined); // nothing of it was sent, and nothing would be confirmed
    const outlet = await this.#outlet.get();
    await outlet.ensure(new Set(messages.map(({ message }) => message.topic)), this.#exchanges);
    const results: PublishResult[] = [];
    const parcels = messages.map((sealed) => this.#parcel(sealed));
    for (const window of requestsOf(parcels, { maxItems: WINDOW_MESSAGES, maxBytes: WINDOW_BYTES, bytesOf: ({ body }) => body.length })) {
      results.push(...(await outlet.send(window, (parcel) => this.#refusal(parcel), signal)));
    }
    return results;
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

  #parcel(sealed: SealedMessage): Parcel {
    const outgoing = this.#wire.encode(sealed);
    const { topic, type } = sealed.message;
    return { exchange: this.#exchanges.exchangeOf(topic), routingKey: type, body: Buffer.from(outgoing.body), properties: propertiesOf(sealed, outgoing) };
  }

  /** What the broker never takes, and would close the channel for, is not sent. */
  #refusal({ body, routingKey }: Parcel): PublishResult | undefined {
    if (body.length > this.#maxMessageBytes) return tooLarge('RabbitMQ', body.length, this.#maxMessageBytes);
    if (Buffer.byteLength(routingKey) <= MAX_SHORT_BYTES) return undefined;
    const text = `the type of the message is its routing key, of which RabbitMQ takes at most ${MAX_SHORT_BYTES} bytes`;
    return { kind: 'failed', retryable: false, error: new SemelError('too-large', text, { details: { maxBytes: MAX_SHORT_BYTES } }) };
  }
}
