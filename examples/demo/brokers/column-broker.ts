import { setTimeout as sleep } from 'node:timers/promises';
import type { Transport } from 'semel';
import type { Posted } from '../broker.ts';

/** A message in a naive loop's hands. */
export interface Delivered {
  readonly body: string;
  /** Resolves once the broker has settled it; false where it has not, and the message comes again. */
  acknowledge(): Promise<boolean>;
}

/** The broker of one column, as a process sees it; what differs from one broker to another is in the files beside. */
export interface ColumnBroker {
  /** How long Semel's consumer may have a message in hand without a sign of life. */
  readonly leaseMs: number;
  /** Makes the column's queue, and fills it. */
  publish(messages: readonly Posted[]): Promise<void>;
  /** Hands over one message after another until `stop` aborts, as a loop written by hand would. It goes on when the broker was away; it rejects where `handle` does. */
  consume(handle: (message: Delivered) => Promise<void>, stop: AbortSignal): Promise<void>;
  /** Semel's way to it. */
  transport(): Promise<Transport>;
  /** Messages that are not settled. Sure where no process has any in hand; rejects while the broker is away. */
  remaining(): Promise<number>;
  /** The processes that have messages in hand, where the broker tells. */
  holders?(): readonly number[];
  close(): Promise<void>;
}

/** Whether it has nothing left, as far as it tells. */
export function isEmpty(broker: ColumnBroker): Promise<boolean> {
  return broker.remaining().then(
    (remaining) => remaining === 0,
    () => false,
  );
}

const POLL_MS = 10;

/** `consume` of a broker that is asked for messages. */
export async function poll(receive: () => Promise<readonly Delivered[]>, handle: (message: Delivered) => Promise<void>, stop: AbortSignal): Promise<void> {
  while (!stop.aborted) {
    const received = await receive();
    for (const message of received) await handle(message);
    if (received.length === 0) await sleep(POLL_MS);
  }
}
