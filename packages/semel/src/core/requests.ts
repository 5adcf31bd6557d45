import { SemelError } from './errors.ts';
import type { PublishResult } from './transport.ts';

/** What one request of a broker carries at most. */
export interface RequestBounds<Item> {
  readonly maxItems: number;
  readonly maxBytes: number;
  bytesOf(item: Item): number;
}

/** Runs of items, in their order, that each fit into one request. An item that is too large on its own makes a run of its own; see {@link tooLarge}. */
export function requestsOf<Item>(items: readonly Item[], { maxItems, maxBytes, bytesOf }: RequestBounds<Item>): readonly (readonly Item[])[] {
  const requests: Item[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = bytesOf(item);
    const last = requests.at(-1);
    if (last === undefined || last.length === maxItems || bytes > room) {
      requests.push([item]);
      room = maxBytes - bytes;
    } else {
      last.push(item);
      room -= bytes;
    }
  }
  return requests;
}

/** The result of a message that its broker never takes, with both sizes. */
export function tooLarge(service: string, bytes: number, maxBytes: number): PublishResult {
  const text = `the message has ${bytes} bytes; ${service} takes at most ${maxBytes}. Send a reference to the data instead`;
  return { kind: 'failed', retryable: false, error: new SemelError('too-large', text, { details: { bytes, maxBytes } }) };
}
