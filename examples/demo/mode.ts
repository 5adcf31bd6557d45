import type { ColumnBroker } from './brokers/column-broker.ts';
import type { CrashPlan } from './crash-plan.ts';
import type { DeliveryLog } from './delivery-log.ts';
import type { Ledger } from './ledger.ts';

/** The three columns, in the order in which they are run and shown. */
export const MODES = ['acknowledge-first', 'acknowledge-after', 'semel'] as const;

/** What a column does with the same handler. */
export type Mode = (typeof MODES)[number];

/** What a column works with. */
export interface Column {
  readonly mode: Mode;
  /** Does not exist yet when the column begins. */
  readonly folder: string;
  /** The address of an empty database. */
  readonly ledger: string;
  /** The address of its broker. */
  readonly broker: string;
}

/** What a worker of any column works with. */
export interface Work {
  readonly broker: ColumnBroker;
  readonly ledger: Ledger<unknown>;
  readonly crashes: Pick<CrashPlan, 'at'>;
  readonly deliveries: Pick<DeliveryLog, 'note'>;
  /** Aborts when the worker is to finish what it has in hand. */
  readonly stop: AbortSignal;
}
