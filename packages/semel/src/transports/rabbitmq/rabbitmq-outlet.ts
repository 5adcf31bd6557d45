import { SemelError } from '../../core/errors.ts';
import type { PublishResult } from '../../core/transport.ts';
import { unlessAborted } from '../../core/unless-aborted.ts';
import { type RabbitmqChannel, type RabbitmqMessage, unavailable } from './rabbitmq-client.ts';
import type { Exchanges } from './rabbitmq-topology.ts';

/** A message as it is sent. */
export interface Parcel {
  readonly exchange: string;
  readonly routingKey: string;
  readonly body: Buffer;
  readonly properties: Readonly<Record<string, unknown>>;
}

/** A message on its way. */
interface Pending extends Parcel {
  /** Why no queue took it. */
  returned?: string;
}

/** A message that came back. */
type Returned = RabbitmqMessage & { readonly fields: { readonly replyText?: string } };

/** One channel of a publisher, from its opening to its end. */
export class Outlet {
  readonly channel: RabbitmqChannel;
  readonly #ensured = new Set<string>();
  readonly #pending = new Set<Pending>();

  constructor(channel: RabbitmqChannel) {
    this.channel = channel;
    channel.on('error', () => {}); // the end of a channel is told by `close`, and to what is on its way
    channel.on('return', (message) => this.#returned(message as Returned));
  }

  /** Makes sure of the exchanges, once each. Rejects where nothing can be sent. */
  async ensure(topics: ReadonlySet<string>, exchanges: Exchanges): Promise<void> {
    for (const topic of topics) {
      if (this.#ensured.has(topic)) continue;
      await exchanges.ensureExchange(this.channel, topic);
      this.#ensured.add(topic);
    }
  }

  /** Sends all at once; resolves once each is answered for, or `signal` aborts. */
  async send(parcels: readonly Parcel[], signal: AbortSignal): Promise<readonly PublishResult[]> {
    signal.throwIfAborted(); // nothing was sent
    const results = new Array<PublishResult | undefined>(parcels.length);
    const answers = parcels.map(async (parcel, index) => {
      results[index] = await this.#publish(parcel);
    });
    await unlessAborted(Promise.all(answers), signal);
    const unanswered: PublishResult = { kind: 'unknown', error: new SemelError('publish-failed', 'RabbitMQ did not confirm in time') };
    return Array.from(results, (result) => result ?? unanswered); // what comes later changes nothing
  }

  /** On its way until it is answered for, even if nobody waits by then: a return must find the message that it is about. */
  #publish(parcel: Parcel): Promise<PublishResult> {
    const pending: Pending = { ...parcel };
    this.#pending.add(pending);
    return new Promise((resolve) => {
      const answer = (error: unknown) => {
        this.#pending.delete(pending);
        resolve(resultOf(error, pending));
      };
      try {
        this.channel.publish(parcel.exchange, parcel.routingKey, parcel.body, parcel.properties, answer);
      } catch (error) {
        this.#pending.delete(pending);
        resolve({ kind: 'failed', retryable: true, error }); // the channel has ended: nothing was sent
      }
    });
  }

  /** A return names no message; it comes before the confirm of the one that it is about, and of those that are alike any will do. */
  #returned({ fields, properties, content }: Returned): void {
    for (const pending of this.#pending) {
      const isIt =
        pending.returned === undefined &&
        pending.exchange === fields.exchange &&
        pending.routingKey === fields.routingKey &&
        pending.properties['messageId'] === properties.messageId &&
        pending.body.equals(content);
      if (!isIt) continue;
      pending.returned = fields.replyText ?? 'returned';
      return;
    }
  }
}

/** Of a refusal the broker says so; any other error is the end of the channel, and nobody knows. */
function resultOf(error: unknown, { returned, exchange, routingKey }: Pending): PublishResult {
  if (returned !== undefined) {
    const text = `no queue is bound to exchange ${exchange} for ${routingKey} (${returned}): start a consumer once, or bind a queue`;
    return { kind: 'failed', retryable: true, error: new SemelError('publish-failed', text) };
  }
  if (error === null || error === undefined) return { kind: 'accepted' };
  const refused = /nack/.test((error as Error).message);
  return refused
    ? { kind: 'failed', retryable: true, error: new SemelError('publish-failed', 'RabbitMQ refused the message', { cause: error }) }
    : { kind: 'unknown', error: unavailable('ended the channel before it confirmed', error) };
}
