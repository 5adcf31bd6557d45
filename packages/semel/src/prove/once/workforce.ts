import type { Consumer } from '../../consumer/consumer.ts';
import type { Delivery } from '../../core/delivery.ts';
import type { Store } from '../../core/store.ts';
import type { Fault } from './fault.ts';
import type { Redeliveries } from './redeliveries.ts';
import type { Trace } from './trace.ts';

/** Who handles messages in a trial: workers within this process, or processes of their own. */
export interface Workforce<Tx> {
  /** How long a worker that stands still lets another try: either that is through by then, or it waits for what the first one holds. */
  readonly patienceMs: number;
  /** Whether its workers can watch what a handler does with `tx`. */
  readonly watches: boolean;
  hire(assignment: Assignment<Tx>): TrialWorker;
  /** Lets all of them go. */
  close(): Promise<void>;
}

/** What a worker needs to know. */
export interface Assignment<Tx> {
  /** Which trial it is, and which of its workers. */
  readonly trial: number;
  readonly number: number;
  readonly store: Store<Tx>;
  readonly consumer: Consumer;
  readonly trace: Trace;
  /** What befalls it. */
  readonly fault: Fault | undefined;
  /** Whether it is to watch what the handler does with `tx`, if it can. */
  readonly watching: boolean;
}

/** One worker; it handles messages once. */
export interface TrialWorker {
  /** Whether its fault has struck. */
  readonly struck: boolean;
  /** Resolves when it stands still. */
  readonly stalled: Promise<void>;
  /** Handles what the broker gives, and acknowledges it; ends early where it dies. */
  handle(deliveries: readonly Delivery[], broker: Redeliveries): Promise<void>;
  /** Lets it go on where it stands still. */
  wake(): void;
}
