import type { Contract } from '../core/contract.ts';
import type { Retention } from '../core/store.ts';

/** How late a message can come again, and how long the record is kept that recognises it. */
export interface Horizon {
  /** After its first delivery; where the settings of the broker decide, at the longest of them. Null without bound. */
  readonly comesAgainMs: number | null;
  readonly recordsKeptMs: number;
}

/** The horizon that a contract and a retention make. */
export function horizonOf({ redeliveryWindowMs, redelivery }: Contract, { inboxMs }: Retention): Horizon {
  return { comesAgainMs: redeliveryWindowMs.value ?? sumOf(redelivery.value.map(({ maxMs }) => maxMs)), recordsKeptMs: inboxMs };
}

function sumOf(periods: readonly (number | null)[]): number | null {
  return periods.reduce((sum, ms) => (sum === null || ms === null ? null : sum + ms), 0);
}
