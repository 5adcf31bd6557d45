import type { CONSUMER_BOUNDARIES } from '../../core/lifecycle.ts';

/** A boundary of the consumer's path. */
export type Boundary = (typeof CONSUMER_BOUNDARIES)[number];

/**
 * Where a fault strikes: a boundary; or just before the how manieth use of `tx` or `publish`, counted over all messages of a batch; or at any moment, once it has come so far: a
 * share, from 0 to 1, of the steps that its messages usually take. That only happens to processes.
 */
export type Place = { readonly boundary: Boundary } | { readonly point: number } | { readonly moment: number };

/**
 * What happens to a worker at a place.
 * - `crash`: nothing that it does from there on counts; what it has not committed is gone;
 * - `throw`: the handler gets an error, or ends with one;
 * - `stall`: it stands still while another takes its messages over, and then goes on;
 * - `lost-reply`: the answer to COMMIT never comes.
 */
export type FaultKind = 'crash' | 'throw' | 'stall' | 'lost-reply';

/** A fault of one worker; it strikes once. */
export interface Fault {
  readonly kind: FaultKind;
  readonly at: Place;
  /** Of this message alone, and at every try of it: poison. */
  readonly poison?: string;
}

/** Whether a fault strikes where the worker is now. */
export function strikes({ at }: Fault, now: Place): boolean {
  return 'boundary' in now ? 'boundary' in at && at.boundary === now.boundary : 'point' in at && 'point' in now && at.point === now.point;
}
