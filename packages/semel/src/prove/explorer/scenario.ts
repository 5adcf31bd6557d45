import type { ConsumerOptions } from '../../consumer/consumer-options.ts';
import type { Contract } from '../../core/contract.ts';
import type { PlannedMessage } from '../history.ts';

/** What can go wrong in a run. */
export const FAULT_KINDS = [
  /** A worker dies, and is started again at once. */
  'kill',
  /** A worker stands still with all it has, as after SIGSTOP, and wakes up later: its leases and sessions may be over by then. */
  'freeze',
  /** A worker's transaction is undone because its connection to the database is lost. */
  'cut',
  /** The reply to COMMIT is lost: it took effect, or it did not, or it did and for a while nobody can tell. */
  'lose-reply',
  'lose-request',
  'lose-fate',
  /** A handler throws after its first write, or asks for a pause, or outlasts its time. */
  'throw',
  'pause',
  'slow',
  /** The broker delivers a message once more. */
  'duplicate',
  /** An acknowledgement does not reach the broker. */
  'lose-ack',
  /** A worker's connection to the broker is lost. */
  'disconnect',
  /** The group's partitions change hands. */
  'rebalance',
  /** A publish is refused, does not arrive, or its answer does not. */
  'refuse',
  'lose-publish',
  'lose-publish-reply',
] as const;

/** See {@link FAULT_KINDS}. */
export type FaultKind = (typeof FAULT_KINDS)[number];

/** Where messages come from: `outbox` has no consumer, only relays. */
export type Source = 'local' | 'queue' | 'log' | 'outbox';

/** What a run consists of. The same scenario and the same choices give the same run. */
export interface Scenario {
  /** For people: `queue by lease`. */
  readonly name: string;
  readonly source: Source;
  /** What the broker promises; for `queue` and `log`. */
  readonly contract?: Contract;
  readonly workers: number;
  readonly messages: readonly PlannedMessage[];
  /** The messages are published one after another by a process that can die too, instead of being there from the start. */
  readonly producer: boolean;
  /** What the handler publishes is relayed to a sink. */
  readonly relays: boolean;
  /** Whether a publisher stops a key at its first failure within a call. */
  readonly keepsKeyOrder: boolean;
  readonly guarantee: NonNullable<ConsumerOptions['guarantee']>;
  readonly group: NonNullable<ConsumerOptions['group']>;
  /** The most faults of one run, and their kinds. */
  readonly faults: number;
  readonly kinds: readonly FaultKind[];
  /** Whether the loops of one process go on in any order, or in turn: workers interleave freely in either case. */
  readonly loops: 'free' | 'in turn';
  /** Decides batch sizes, shuffles and jitter. */
  readonly seed: number;
}

/** Two workers and one message: the least in which anything can go wrong. */
export const SMALLEST: Omit<Scenario, 'name' | 'source' | 'faults'> = {
  workers: 2,
  messages: [{ id: 'm1', key: 'k1', nature: 'sound' }],
  producer: false,
  relays: false,
  keepsKeyOrder: false,
  guarantee: 'exactly-once',
  group: { max: 100 },
  kinds: FAULT_KINDS,
  loops: 'in turn',
  seed: 1,
};
