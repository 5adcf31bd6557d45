import type { Outcome } from './delivery.ts';

/** How long a message that waits for its key's predecessor stays away. */
const HELD_MS = 100;

/**
 * What a transport that settles one by one does about an outcome:
 * - `acknowledge` it; a dead one may go to the broker's own dead letters instead;
 * - have it delivered `again`; what was not counted costs no attempt, as far as the broker can tell;
 * - `leave` it to who has it now.
 */
export type Disposition =
  | { readonly kind: 'acknowledge'; readonly dead: boolean }
  | { readonly kind: 'again'; readonly afterMs: number; readonly counted: boolean }
  | { readonly kind: 'leave' };

/** One table for all transports. Of an unknown fate a message comes again: its record answers, or is not there. */
export function dispositionOf(outcome: Outcome): Disposition {
  switch (outcome.kind) {
    case 'done':
    case 'duplicate':
    case 'parked':
      return { kind: 'acknowledge', dead: false };
    case 'dead':
      return { kind: 'acknowledge', dead: true };
    case 'retry':
      return { kind: 'again', afterMs: outcome.afterMs, counted: true };
    case 'held':
    case 'unknown':
      return { kind: 'again', afterMs: HELD_MS, counted: false };
    case 'released':
      return { kind: 'again', afterMs: 0, counted: false };
    case 'lost':
      return { kind: 'leave' };
  }
}
