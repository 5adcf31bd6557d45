import type { Route } from './places.ts';

/** What the processes of one run are told. */
export interface Plan {
  /** `sqlite`, or the address of a Postgres database. */
  readonly store: string;
  readonly dir: string;
  readonly topic: string;
  /** Absent where the topic is the store's. */
  readonly route?: Pick<Route, 'module' | 'address'>;
  readonly leaseMs: number;
}

/** What a process is asked for; it answers with the id once it has done it. */
export interface Request {
  readonly id: number;
  /**
   * - `start`, `stop`: its consumer and its relay;
   * - `place`: orders, until there are so many;
   * - `hold`: to stand still at a step; answered when it stands there. `goOn`: not to, or no longer;
   * - `jump`: to have a clock that is off by so many milliseconds;
   * - `idle`: to have nothing left to do.
   */
  readonly name: 'start' | 'stop' | 'place' | 'hold' | 'goOn' | 'jump' | 'idle';
  readonly argument?: string | number;
}

/** Orders are those of so many customers, in turn. */
export const CUSTOMERS = 3;
