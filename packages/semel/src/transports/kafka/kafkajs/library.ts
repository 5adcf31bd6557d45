/** What is used of kafkajs 2: the public `Kafka`, and the cluster and brokers that it lends to whoever assigns partitions. */
export interface Kafkajs {
  producer(options: {
    readonly idempotent: boolean;
    readonly maxInFlightRequests: number;
    readonly allowAutoTopicCreation: boolean;
    readonly retry: { readonly maxRetryTime: number };
    createPartitioner(): (of: { readonly message: { readonly partition?: number } }) => number;
  }): KafkajsProducerApi;
  consumer(options: { readonly groupId: string; readonly allowAutoTopicCreation: boolean; partitionAssigners: ((lent: { readonly cluster: unknown }) => IdleAssigner)[] }): unknown;
}

/** Only there to be lent the cluster; it assigns nothing. */
export interface IdleAssigner {
  readonly name: string;
  readonly version: number;
  assign(): Promise<never[]>;
  protocol(): { name: string; metadata: Buffer };
}

/** A producer of kafkajs. */
export interface KafkajsProducerApi {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  sendBatch(batch: { readonly acks: number; readonly topicMessages: { topic: string; messages: KafkajsMessage[] }[] }): Promise<readonly KafkajsAnswer[]>;
}

/** A record as kafkajs sends it. */
export interface KafkajsMessage {
  key: string | null;
  value: string;
  headers: Record<string, string>;
  partition: number;
}

/** What a broker said of a partition. */
export interface KafkajsAnswer {
  readonly topicName: string;
  readonly partition: number;
  readonly errorCode: number;
}

/** A cluster of kafkajs: who leads what, and connections to the brokers. */
export interface Cluster {
  connect(): Promise<void>;
  disconnect(): Promise<void>;
  addTargetTopic(topic: string): Promise<void>;
  refreshMetadata(): Promise<void>;
  refreshMetadataIfNecessary(): Promise<void>;
  /** Forgets a broker with its connections, until metadata names it again. */
  removeBroker(broker: { readonly host: string; readonly port: number }): void;
  findBroker(node: { readonly nodeId: number }): Promise<Broker>;
  /** @param group `coordinatorType` 1: the id is a transactional one */
  findGroupCoordinator(group: { readonly groupId: string; readonly coordinatorType?: 0 | 1 }): Promise<Broker>;
  findTopicPartitionMetadata(topic: string): readonly { readonly partitionId: number; readonly leader: number }[];
  fetchTopicsOffset(
    topics: readonly ({ readonly topic: string; readonly partitions: readonly { readonly partition: number }[] } & (
      | { readonly fromBeginning: boolean }
      | { readonly fromTimestamp: number }
    ))[],
  ): Promise<readonly { readonly partitions: readonly { readonly partition: number; readonly offset: string }[] }[]>;
}

/** A broker's connection. Each request rejects with an error that carries the broker's word for it in `type`. */
export interface Broker {
  /** By the number of a kind of request, the versions that this broker knows. */
  readonly versions: Readonly<Record<number, { readonly maxVersion: number }>> | null;
  readonly connectionPool: { send<Answer>(request: RawRequest<Answer>): Promise<Answer> };
  joinGroup(request: {
    readonly groupId: string;
    readonly sessionTimeout: number;
    readonly rebalanceTimeout: number;
    readonly memberId: string;
    readonly groupProtocols: readonly { readonly name: string; readonly metadata: Buffer }[];
  }): Promise<{ readonly generationId: number; readonly leaderId: string; readonly memberId: string; readonly members: readonly { readonly memberId: string }[] }>;
  syncGroup(
    request: Membership & { readonly generationId: number; readonly groupAssignment: readonly { readonly memberId: string; readonly memberAssignment: Buffer }[] },
  ): Promise<{
    readonly memberAssignment: Buffer;
  }>;
  heartbeat(request: Membership & { readonly groupGenerationId: number }): Promise<unknown>;
  leaveGroup(request: Membership): Promise<unknown>;
  offsetCommit(request: Membership & { readonly groupGenerationId: number; readonly topics: readonly TopicOffsets[] }): Promise<unknown>;
  offsetFetch(request: {
    readonly groupId: string;
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number }[] }[];
  }): Promise<{
    readonly responses: readonly TopicOffsets[];
  }>;
  fetch(request: {
    readonly isolationLevel: number;
    readonly maxWaitTime: number;
    readonly minBytes: number;
    readonly maxBytes: number;
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number; readonly fetchOffset: string; readonly maxBytes: number }[] }[];
  }): Promise<{ readonly responses: readonly { readonly partitions: readonly FetchedPartition[] }[] }>;
}

/** What is used of a broker for transactions. */
export interface TransactionBroker extends Broker {
  initProducerId(request: { readonly transactionalId: string; readonly transactionTimeout: number }): Promise<ProducerIdentity>;
  addPartitionsToTxn(request: Transactional & { readonly topics: readonly { readonly topic: string; readonly partitions: readonly number[] }[] }): Promise<unknown>;
  addOffsetsToTxn(request: Transactional & { readonly groupId: string }): Promise<unknown>;
  produce(request: Transactional & { readonly acks: number; readonly topicData: readonly ProducedTopic[] }): Promise<unknown>;
  endTxn(request: Transactional & { readonly transactionResult: boolean }): Promise<unknown>;
  listOffsets(request: {
    readonly isolationLevel: number;
    readonly topics: readonly { readonly topic: string; readonly partitions: readonly { readonly partition: number; readonly timestamp: number }[] }[];
  }): Promise<{ readonly responses: readonly { readonly partitions: readonly { readonly offset: string }[] }[] }>;
}

/** A producer as the coordinator of its transactions knows it. */
export interface ProducerIdentity {
  readonly producerId: string;
  readonly producerEpoch: number;
}

interface Transactional extends ProducerIdentity {
  readonly transactionalId: string;
}

/** The batches of a topic in one request. */
export interface ProducedTopic {
  readonly topic: string;
  readonly partitions: readonly {
    readonly partition: number;
    readonly firstSequence: number;
    readonly messages: readonly { readonly key: string | null; readonly value: string | Buffer | null; readonly headers: Readonly<Record<string, string>> }[];
  }[];
}

interface Membership {
  readonly groupId: string;
  readonly memberId: string;
}

/** Offsets of a group. */
interface TopicOffsets {
  readonly topic: string;
  readonly partitions: readonly { readonly partition: number; readonly offset: string; readonly metadata?: string | null }[];
}

/** A request that kafkajs does not know: its bytes, and how to read the answer's. */
export interface RawRequest<Answer> {
  readonly request: { readonly apiKey: number; readonly apiVersion: number; readonly apiName: string; encode(): Promise<{ readonly buf: Buffer; readonly buffer: Buffer }> };
  readonly response: { decode(bytes: Buffer): Promise<Answer>; parse(answer: Answer): Promise<Answer> };
}

/** What a fetch brought of a partition: all of it, markers and aborted records too. */
export interface FetchedPartition {
  readonly partition: number;
  readonly abortedTransactions?: readonly { readonly producerId: string; readonly firstOffset: string }[] | null;
  readonly messages: readonly RawRecord[];
}

/** A record, or a transaction's marker. */
export interface RawRecord {
  readonly offset: string;
  readonly timestamp: string;
  readonly key: Buffer | null;
  readonly value: Buffer | null;
  readonly headers?: Readonly<Record<string, Buffer | string | readonly (Buffer | string)[]>>;
  readonly isControlRecord?: boolean;
  /** Of its batch; a log written before Kafka 0.11 has none. */
  readonly batchContext?: { readonly firstOffset: string; readonly lastOffsetDelta: number; readonly producerId: string; readonly inTransaction: boolean };
}
