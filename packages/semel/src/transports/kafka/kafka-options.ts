import { SemelError } from '../../core/errors.ts';
import { badOption, checkOptions, nameOf, oneOf, positiveInteger } from '../../core/options.ts';
import { WIRE_OPTIONS, type WireOptions } from '../../core/wire.ts';
import type { JoinRequest, KafkaClient, KafkaTransactions } from './kafka-client.ts';
import { idOfThisProcess } from './transactional-id.ts';
import { transactionsOf } from './transactions-of.ts';

/** How topics are written to and read from a Kafka, whoever makes the transactions. */
export interface KafkaRouteOptions extends WireOptions {
  /** The route's name in the outbox; keep it. @default 'kafka' */
  readonly name?: string;
  /** What the brokers take as one batch (their `message.max.bytes`, or the topic's `max.message.bytes`): a larger message is refused. @default 1_048_588 */
  readonly maxMessageBytes?: number;
  /**
   * What becomes of a partition whose log does not have the consumer's position: its records were removed unread, or the log is shorter than what was read of it.
   * `stop`: it is not read, the others are. `continue`: it is read on from the beginning of what is left. Both are reported as `position-gone`. @default 'stop'
   */
  readonly onGap?: 'stop' | 'continue';
  /** What one fetch brings of a partition at most, and what of it may wait; one record always fits. @default 1_048_576 */
  readonly fetchBytes?: number;
  /** What of all partitions may wait to be handled; beyond it each has at most one fetch in memory. @default 16_777_216 */
  readonly bufferBytes?: number;
  /** How long the group waits for a sign of life before it gives a member's partitions to others. Handlers do not delay it. @default 10_000 */
  readonly sessionTimeoutMs?: number;
  /** How often a member says that it lives, and learns of a rebalance. @default 3_000 */
  readonly heartbeatMs?: number;
  /** How long a rebalance waits for members to finish what they have in hand. @default 60_000 */
  readonly rebalanceTimeoutMs?: number;
  /** `cooperative` leaves alone what stays with its owner; not every client can. @default 'eager' */
  readonly rebalance?: 'eager' | 'cooperative';
  /** A name of this process that stays over its restarts and that no other has, for static membership; not every client can. @default none */
  readonly instance?: string;
}

/** How topics are written to and read from a Kafka. */
export interface KafkaOptions extends KafkaRouteOptions {
  /**
   * Publishes in Kafka's transactions, so that who reads committed records sees what a relay sends at once as a whole, or not at all. A text is the transactional id: one that no
   * other process has at the same time, and that stays over restarts. `true` makes one up for this process: what it leaves open when it is killed holds up
   * such readers for `transactionTimeoutMs`. @default false
   */
  readonly transactional?: boolean | string;
  /** After it the brokers abort a transaction that nobody ended. @default 10_000 */
  readonly transactionTimeoutMs?: number;
}

/** What of them a subscription reads by. */
export interface ReadingOptions extends Omit<JoinRequest, 'topic' | 'group' | 'previousGroups' | 'marksStart' | 'runtime'> {
  readonly onGap: 'stop' | 'continue';
  readonly bufferBytes: number;
}

/** The brokers' default of `message.max.bytes`. */
const MAX_MESSAGE_BYTES = 1_048_588;
const OWN_OPTIONS = ['name', 'maxMessageBytes', 'onGap', 'fetchBytes', 'bufferBytes', 'sessionTimeoutMs', 'heartbeatMs', 'rebalanceTimeoutMs', 'rebalance', 'instance'] as const;

/** Copies, defaults and checks; throws `bad-option`, or `capability-missing` where the client cannot do what is asked for. */
export function checkKafkaOptions(options: KafkaOptions, client: KafkaClient): CheckedRoute & { readonly begin: (() => KafkaTransactions) | undefined } {
  const { transactional, transactionTimeoutMs, ...rest } = options;
  return { ...checkRouteOptions(rest, client), begin: checkTransactions(transactional, transactionTimeoutMs, client) };
}

/** {@link KafkaRouteOptions}, checked. */
export interface CheckedRoute {
  readonly name: string;
  readonly maxMessageBytes: number;
  readonly reading: ReadingOptions;
}

/** As {@link checkKafkaOptions}. */
export function checkRouteOptions(options: KafkaRouteOptions, client: KafkaClient): CheckedRoute {
  checkOptions('kafka', options, [...OWN_OPTIONS, ...WIRE_OPTIONS]);
  const { name = 'kafka', maxMessageBytes = MAX_MESSAGE_BYTES } = options;
  return { name: nameOf('kafka', 'name', name), maxMessageBytes: positiveInteger('kafka', 'maxMessageBytes', maxMessageBytes), reading: checkReading(options, client) };
}

function checkTransactions(transactional: boolean | string = false, timeoutMs = 10_000, client: KafkaClient): (() => KafkaTransactions) | undefined {
  if (typeof transactional !== 'boolean' && (typeof transactional !== 'string' || transactional === ''))
    throw badOption('kafka', 'transactional', transactional, 'true, false, or a transactional id');
  positiveInteger('kafka', 'transactionTimeoutMs', timeoutMs);
  if (transactional === false) return undefined;
  const begin = transactionsOf(client, 'kafka, `transactional`');
  const transactionalId = transactional === true ? idOfThisProcess() : transactional;
  return () => begin({ transactionalId, timeoutMs });
}

function checkReading(options: KafkaRouteOptions, client: KafkaClient): ReadingOptions {
  const { onGap = 'stop', fetchBytes = 1_048_576, bufferBytes = 16_777_216, sessionTimeoutMs = 10_000, heartbeatMs = 3_000, rebalanceTimeoutMs = 60_000 } = options;
  const { rebalance = 'eager', instance } = options;
  const positive = (name: keyof KafkaRouteOptions, value: number) => positiveInteger('kafka', name, value);
  if (heartbeatMs * 2 > sessionTimeoutMs) throw badOption('kafka', 'heartbeatMs', heartbeatMs, 'at most half of `sessionTimeoutMs`');
  if (instance !== undefined && (typeof instance !== 'string' || instance === '')) throw badOption('kafka', 'instance', instance, 'a text');
  needs(oneOf('kafka', 'rebalance', rebalance, ['eager', 'cooperative']) === 'eager' || client.capabilities.cooperativeRebalance, client, "`rebalance: 'cooperative'`");
  needs(instance === undefined || client.capabilities.staticMembership, client, '`instance`, static membership');
  return Object.freeze({
    onGap: oneOf('kafka', 'onGap', onGap, ['stop', 'continue']),
    fetchBytes: positive('fetchBytes', fetchBytes),
    bufferBytes: positive('bufferBytes', bufferBytes),
    sessionTimeoutMs: positive('sessionTimeoutMs', sessionTimeoutMs),
    heartbeatMs: positive('heartbeatMs', heartbeatMs),
    rebalanceTimeoutMs: positive('rebalanceTimeoutMs', rebalanceTimeoutMs),
    rebalance,
    instance,
  });
}

function needs(met: boolean, { name }: KafkaClient, what: string): void {
  if (!met) throw new SemelError('capability-missing', `kafka: the client ${name} cannot do ${what}; use librdkafka(), or leave it away`);
}
