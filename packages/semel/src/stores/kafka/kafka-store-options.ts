import { badOption, checkOptions, positiveInteger } from '../../core/options.ts';
import type { AnyTopic } from '../../core/topic.ts';
import { idOfThisProcess } from '../../transports/kafka/transactional-id.ts';

/** How a store of Kafka's own transactions works. */
export interface KafkaTransactionsOptions {
  /** The topic for messages that gave up: they go there in the transaction that passes them. It has to be there. */
  readonly deadLetterTopic: string;
  /**
   * A name of this process that no other has at the same time, and that stays over its restarts: whoever starts under it ends at once what its predecessor left open, and
   * fences it. @default one of this process alone: what a killed process left open ends after `transactionTimeoutMs`
   */
  readonly transactionalId?: string;
  /** After it the brokers abort a transaction that nobody ended. Handlers do not run inside it; it is the time of writing. @default 10_000 */
  readonly transactionTimeoutMs?: number;
  /** Topics whose last message of each key is kept in memory, for `tx.last`: compacted, with as many partitions as the topics that are consumed. @default none */
  readonly remembers?: readonly AnyTopic[];
}

/** {@link KafkaTransactionsOptions}, defaulted and checked. */
export type CheckedKafkaOptions = Required<KafkaTransactionsOptions>;

/** For errors. */
export const WHERE = 'kafkaTransactions()';

/** Copies, defaults, checks, freezes; throws `bad-option`. */
export function checkStoreOptions(options: KafkaTransactionsOptions): CheckedKafkaOptions {
  checkOptions(WHERE, options, ['deadLetterTopic', 'transactionalId', 'transactionTimeoutMs', 'remembers']);
  const { deadLetterTopic, transactionalId = idOfThisProcess(), transactionTimeoutMs = 10_000, remembers = [] } = options;
  return Object.freeze({
    deadLetterTopic: textOf('deadLetterTopic', deadLetterTopic),
    transactionalId: textOf('transactionalId', transactionalId),
    transactionTimeoutMs: positiveInteger(WHERE, 'transactionTimeoutMs', transactionTimeoutMs),
    remembers: Object.freeze([...remembers]),
  });
}

function textOf(name: string, value: unknown): string {
  if (typeof value === 'string' && value !== '') return value;
  throw badOption(WHERE, name, value, 'a text');
}
