import type { Transport } from 'semel';
import type { Order } from '../messages.ts';
import type { Job } from '../processes/program.ts';

/** Messages in hand at once by who has a transaction for each. */
export const LANES = 8;

/** Handles orders; what it was called for is acknowledged once it resolves. */
export type Handle = (orders: readonly Order[]) => Promise<unknown>;

/** Ends what was begun, and resolves once every acknowledgement is sent. */
export type Stop = () => Promise<unknown>;

/** A topic or a queue of one contender, as the bare client of its broker works with it, and as Semel does. */
export interface Broker {
  /** Orders that are published with one request. */
  readonly batch: number;
  /** Makes it. */
  create(): Promise<void>;
  /** Publishes orders, as JSON; resolves once the broker has confirmed them. */
  send(orders: readonly Order[]): Promise<void>;
  /** Has orders handled, up to `most` at a time, in {@link LANES} lanes, and acknowledges them afterwards. */
  consume(most: number, handle: Handle): Promise<Stop>;
  /** How many messages are not acknowledged. */
  left(): Promise<number>;
  /** The same for Semel. */
  transport(): Transport;
}

/** A name that no other contender's topic has: that of its database. */
export function nameOf({ url }: Job): string {
  return new URL(url).pathname.slice(1);
}

/** The address of the broker that a job was given. */
export function addressOf({ broker }: Job): string {
  return broker?.url ?? '';
}
