import type { EventEmitter } from 'node:events';

/** Settings of librdkafka, as its CONFIGURATION.md lists them: `bootstrap.servers`, `security.protocol`, `sasl.mechanisms`, … */
export type LibrdkafkaConfig = Readonly<Record<string, string | number | boolean>>;

/** What is used of `@confluentinc/kafka-javascript`: its RdKafka API, whose types leave much of it out. */
export interface Librdkafka {
  readonly KafkaConsumer: unknown;
  readonly HighLevelProducer: unknown;
  readonly AdminClient: unknown;
}

/** The same, with what it has. */
export interface LibrdkafkaApi {
  readonly KafkaConsumer: new (config: object) => RdConsumer;
  readonly HighLevelProducer: new (config: object) => RdProducer;
  readonly AdminClient: { createFrom(client: RdConsumer): RdAdmin };
}

/** An error of librdkafka: its own codes are below zero, a broker's above. */
export interface RdError extends Error {
  readonly code: number;
}

/** Told how a call ended. */
export type Callback<Result = unknown> = (error: RdError | null | undefined, result: Result) => void;

/** A consumer; its events are `event.error` and `partition.eof`. */
export interface RdConsumer extends EventEmitter {
  connect(options: object, callback: Callback): void;
  disconnect(callback: Callback): void;
  isConnected(): boolean;
  subscribe(topics: readonly string[]): void;
  unsubscribe(): void;
  setDefaultConsumeTimeout(timeoutMs: number): void;
  setDefaultIsTimeoutOnlyForFirstMessage(only: boolean): void;
  consume(count: number, callback: Callback<readonly RdMessage[]>): void;
  assign(partitions: readonly RdPartition[]): void;
  unassign(): void;
  incrementalAssign(partitions: readonly RdPartition[]): void;
  incrementalUnassign(partitions: readonly RdPartition[]): void;
  rebalanceProtocol(): string;
  assignmentLost(): boolean;
  seek(partition: RdPartition, timeoutMs: number, callback: Callback): void;
  pause(partitions: readonly RdPartition[]): void;
  resume(partitions: readonly RdPartition[]): void;
  commitCb(partitions: readonly RdPartition[], callback: Callback): void;
}

/** A producer that answers for each record. */
export interface RdProducer extends EventEmitter {
  connect(options: object, callback: Callback): void;
  disconnect(callback: Callback): void;
  getMetadata(
    options: { readonly topic: string; readonly timeout: number },
    callback: Callback<{ readonly topics: readonly { readonly name: string; readonly partitions: readonly unknown[] }[] }>,
  ): void;
  produce(
    topic: string,
    partition: number,
    value: Buffer,
    key: string | null,
    timestamp: number,
    headers: readonly Readonly<Record<string, string>>[],
    callback: Callback<number | null>,
  ): void;
}

/** Asks brokers by way of a client that is connected. */
export interface RdAdmin {
  describeTopics(topics: readonly string[], options: object, callback: Callback<readonly RdTopic[]>): void;
  listOffsets(
    partitions: readonly { readonly topic: string; readonly partition: number; readonly offset: { readonly timestamp: number } }[],
    options: { readonly isolationLevel: number; readonly timeout: number },
    callback: Callback<readonly (RdPartition & { readonly error?: RdError })[]>,
  ): void;
  listConsumerGroupOffsets(
    groups: readonly { readonly groupId: string; readonly partitions: readonly RdPartition[] }[],
    options: object,
    callback: Callback<readonly { readonly partitions: readonly RdPartition[] }[]>,
  ): void;
  describeGroups(groups: readonly string[], options: object, callback: Callback<{ readonly groups: readonly RdGroup[] }>): void;
}

/** A group as it is described. */
export interface RdGroup {
  readonly state: number;
  readonly members: readonly { readonly assignment?: { readonly topicPartitions: readonly RdPartition[] } }[];
}

/** A partition, where it matters with an offset. */
export interface RdPartition {
  readonly topic: string;
  readonly partition: number;
  readonly offset?: number;
  readonly metadata?: string;
}

/** A topic as it is described. */
export interface RdTopic {
  readonly topicId: { readonly base64: string };
  readonly partitions: readonly unknown[];
  readonly error?: RdError;
}

/** A record that was consumed. */
export interface RdMessage {
  readonly partition: number;
  readonly offset: number;
  readonly value: Buffer | null;
  readonly key?: Buffer | string | null;
  readonly timestamp?: number;
  readonly headers?: readonly Readonly<Record<string, Buffer | string>>[];
}

/** The result of a call that ends in a callback. */
export function called<Result>(call: (callback: Callback<Result>) => unknown): Promise<Result> {
  return new Promise((resolve, reject) => {
    call((error, result) => (error ? reject(error) : resolve(result)));
  });
}
