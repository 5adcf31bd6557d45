import type { Broker } from './broker.ts';
import type { CrashPlan } from './crash-plan.ts';
import type { Ledger } from './ledger.ts';

/** The three columns, in the order in which they are run and shown. */
export const MODES = ['acknowledge-first', 'acknowledge-after', 'semel'] as const;

/** What a column does with the same handler. */
export type Mode = (typeof MODES)[number];

/** What a worker process of any column works with. */
export interface Work {
  readonly broker: Broker;
  readonly ledger: Ledger<unknown>;
  readonly crashes: CrashPlan;
  /** Aborts when the process is to finish what it has in hand. */
  readonly stop: AbortSignal;
}
