import type { Consumer } from '../../consumer/consumer.ts';
import { SemelError } from '../../core/errors.ts';
import { badOption, checkOptions, functionOf, nameOf } from '../../core/options.ts';
import type { PublishOptions } from '../../core/publication.ts';
import type { Store } from '../../core/store.ts';
import type { SemelOptions } from '../../semel-options.ts';
import type { Effects } from './tally.ts';

/** What {@link proveOnce} takes. */
export interface ProveOptions<Tx> {
  /**
   * A store on a test database, not yet opened; it is closed at the end. A function is called twice, so that two workers have connections of their own, as two
   * processes have; it is told of a folder that is there for this proof alone.
   */
  readonly store: Store<Tx> | ((place: ProofPlace) => Store<Tx>);
  /** As `semel.consume` gave it. */
  readonly consumer: Consumer;
  /** What is published to its topic, in the form that the topic's schema takes: a few messages, each of which the handler can handle. Two or more show what befalls neighbours. */
  readonly messages: readonly unknown[];
  /**
   * What the handler has made so far: a number (rows, mails, a balance), or a list of the effects themselves, in any order. It is called in a transaction
   * of its own, and may look anywhere. What is compared is by how much a trial changed it.
   */
  readonly effect: (db: Tx) => Effects | Promise<Effects>;
  /** Called before each trial, in a transaction of its own: makes the tables that the handler needs, and empties them. @default nothing: trials follow one another on the same data */
  readonly prepare?: (db: Tx) => unknown;
  /** As in `createSemel`: sources begin with it. @default 'prove' */
  readonly name?: string;
  /** As in `createSemel`: what the handler's context has besides. */
  readonly context?: SemelOptions<Tx>['context'];
  /** Type, id, key and headers of a message, where the topic does not make them of its data. */
  readonly describe?: (data: unknown) => PublishOptions;
  /** Decides what is random. @default 1 */
  readonly seed?: number;
  /** Rejects with `not-proven`, and the report as its message, unless the verdict is `proven`. @default false */
  readonly assert?: boolean;
}

/** Where a proof may put what it needs. */
export interface ProofPlace {
  /** An empty folder; it is removed when the proof is over. All processes of a proof are told the same one. */
  readonly folder: string;
}

/** Options with their defaults, checked and frozen. */
export interface ProofSettings<Tx> {
  readonly stores: readonly [Store<Tx>, Store<Tx>];
  readonly consumer: Consumer;
  readonly messages: readonly unknown[];
  readonly effect: ProveOptions<Tx>['effect'];
  readonly prepare: ProveOptions<Tx>['prepare'];
  readonly name: string;
  readonly context: SemelOptions<Tx>['context'];
  readonly describe: (data: unknown) => PublishOptions;
  readonly seed: number;
  readonly assert: boolean;
}

const WHERE = 'proveOnce';
const KNOWN: readonly (keyof ProveOptions<unknown>)[] = ['store', 'consumer', 'messages', 'effect', 'prepare', 'name', 'context', 'describe', 'seed', 'assert'];

/** Copies, defaults, checks; throws `bad-option`, and `capability-missing` where the store has no transactions for a handler. */
export function proofSettings<Tx>(options: ProveOptions<Tx>, place: ProofPlace): ProofSettings<Tx> {
  checkOptions(WHERE, options, KNOWN);
  const { store, consumer, messages, effect, prepare, context, describe, seed = 1 } = options;
  if (typeof consumer?.handler !== 'function') throw badOption(WHERE, 'consumer', consumer, 'what semel.consume gave');
  if (!Array.isArray(messages) || messages.length === 0) throw badOption(WHERE, 'messages', messages, 'a list of at least one message');
  if (!Number.isSafeInteger(seed) || seed < 0) throw badOption(WHERE, 'seed', seed, 'a whole number, 0 or more');
  const made = typeof store === 'function' ? ([store(place), store(place)] as const) : ([store, store] as const);
  if (made.some((one) => typeof one?.commit !== 'function')) throw badOption(WHERE, 'store', made[0], 'a store, or a function that makes one');
  if (made[0].capabilities.transactions !== 'interactive')
    throw new SemelError('capability-missing', `${WHERE} needs a store with interactive transactions; ${made[0].name} collects writes`);
  return Object.freeze({
    stores: made,
    consumer,
    messages: [...messages],
    effect: functionOf(WHERE, 'effect', effect),
    prepare: prepare && functionOf(WHERE, 'prepare', prepare),
    name: nameOf(WHERE, 'name', options.name ?? 'prove'),
    context,
    describe: describe === undefined ? () => ({}) : functionOf(WHERE, 'describe', describe),
    seed,
    assert: options.assert ?? false,
  });
}
