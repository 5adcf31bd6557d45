import { SemelError } from '../../core/errors.ts';
import { Opened } from '../../core/opened.ts';
import { systemRuntime } from '../../core/runtime.ts';

/** What is used of a connection of amqplib's; that of its `connect()` is one. */
export interface RabbitmqConnection {
  createChannel(): Promise<RabbitmqChannel>;
  createConfirmChannel(): Promise<RabbitmqChannel>;
  close(): Promise<void>;
  on(event: string, listener: (about: unknown) => void): unknown;
  /** Its socket, where it has one: ends a connection that does not close. */
  readonly connection?: unknown;
}

/** What is used of a channel of amqplib's. */
export interface RabbitmqChannel {
  assertExchange(exchange: string, type: string, options: { readonly durable: boolean }): Promise<unknown>;
  checkExchange(exchange: string): Promise<unknown>;
  assertQueue(queue: string, options: { readonly durable: boolean; readonly exclusive?: boolean; readonly arguments: Readonly<Record<string, unknown>> }): Promise<unknown>;
  checkQueue(queue: string): Promise<{ readonly messageCount: number }>;
  bindQueue(queue: string, exchange: string, pattern: string): Promise<unknown>;
  prefetch(count: number): Promise<unknown>;
  consume(queue: string, onMessage: (message: RabbitmqMessage | null) => void, options?: { readonly arguments: Readonly<Record<string, unknown>> }): Promise<unknown>;
  publish(exchange: string, routingKey: string, content: Buffer, options: object, confirmed?: (error: unknown) => void): boolean;
  ack(message: RabbitmqMessage, allUpTo?: boolean): void;
  reject(message: RabbitmqMessage, requeue: boolean): void;
  close(): Promise<void>;
  on(event: string, listener: (about: unknown) => void): unknown;
}

/** What is used of a message of amqplib's. */
export interface RabbitmqMessage {
  readonly content: Buffer;
  readonly fields: { readonly deliveryTag: number; readonly redelivered: boolean; readonly exchange: string; readonly routingKey: string };
  readonly properties: {
    readonly headers?: Readonly<Record<string, unknown>> | undefined;
    readonly contentType?: unknown;
    readonly messageId?: unknown;
    readonly timestamp?: unknown;
  };
}

/** An open connection. */
export interface Line {
  readonly connection: RabbitmqConnection;
  /** Why the broker reads nothing of it at the moment: it is short of memory, or of disk. */
  blocked: string | undefined;
}

/** A connection that is opened at its first use and again after it broke. */
export type Link = Opened<Line>;

const CLOSE_MS = 1_000;

/** Opens nothing yet. Its failures are `transport-unavailable`. */
export function linkTo(connect: () => Promise<RabbitmqConnection>): Link {
  const open = async () => {
    const connection = await connect().catch((cause) => {
      throw unavailable('cannot be connected to', cause);
    });
    const line: Line = { connection, blocked: undefined };
    connection.on('error', () => {}); // the end of a connection is told by `close`
    connection.on('close', () => link.broke(line));
    connection.on('blocked', (reason) => {
      line.blocked = String(reason);
    });
    connection.on('unblocked', () => {
      line.blocked = undefined;
    });
    return line;
  };
  const link: Link = new Opened(open, closed);
  return link;
}

/** Opens a channel. Its end is told by `close` too: an `error` that nobody hears would end the process. */
export async function channelOf({ connection }: Line): Promise<RabbitmqChannel> {
  const channel = await connection.createChannel().catch((cause) => {
    throw unavailable('opens no channel', cause);
  });
  channel.on('error', () => {});
  return channel;
}

/** Of a refusal the broker's reply code, as AMQP 0-9-1 numbers them. */
export function codeOf(error: unknown): unknown {
  return (error as { readonly code?: unknown } | undefined)?.code;
}

/** The broker, or something at it, is not there by now. */
export function unavailable(what: string, cause: unknown): SemelError {
  return new SemelError('transport-unavailable', `RabbitMQ ${what}`, { cause });
}

/** A blocked connection is not read by its broker, a dead one not at all: neither would ever hear the farewell. */
async function closed({ connection }: Line): Promise<void> {
  await withinTime(connection.close());
  (connection.connection as { readonly stream?: { destroy?(): void } } | undefined)?.stream?.destroy?.();
}

/** Resolves when a farewell was answered, failed, or took too long. */
export async function withinTime(farewell: Promise<unknown>): Promise<void> {
  const patience = new AbortController();
  await Promise.race([farewell.catch(() => {}), systemRuntime.scheduler.sleep(CLOSE_MS, patience.signal)]);
  patience.abort();
}
