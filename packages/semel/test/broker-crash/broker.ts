import type { Transport } from 'semel';

/** What a module says of its broker to the processes that are to be killed. */
export interface Broker {
  /** A transport to the broker at this address, with times that suit a test. */
  transport(address: string): Transport;
}

/** What a run's processes are told. */
export interface Plan {
  /** The address of a module whose exports are a {@link Broker}. */
  readonly module: string;
  readonly address: string;
  /** The name of the topic at the broker: nothing else is in it. */
  readonly topic: string;
  /** `sqlite`, or the address of an empty Postgres database. */
  readonly store: string;
  readonly dir: string;
  /** How many orders the shop places. */
  readonly orders: number;
  /** How long it waits after each. @default not at all */
  readonly paceMs?: number;
}

export type Role = 'shop' | 'billing' | 'fragile';
