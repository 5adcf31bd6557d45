import type { Runtime } from '../../core/runtime.ts';
import type { PublishResult } from '../../core/transport.ts';

/** What a client library can do, as data: what a consumer needs of it is checked at start-up. */
export interface KafkaCapabilities {
  /** A rebalance leaves alone what stays with its owner. */
  readonly cooperativeRebalance: boolean;
  /** A member that comes back under its own name soon enough finds its partitions where they were. */
  readonly staticMembership: boolean;
  /** Offsets that are sent in a transaction carry the group's generation, so that a zombie's are refused (trap 29). */
  readonly fencedTransactionOffsets: boolean;
}

/** A client library as this transport uses it: what differs between libraries is behind it, and nothing else. */
export interface KafkaClient {
  /** A word for messages: `kafkajs`. */
  readonly name: string;
  readonly capabilities: KafkaCapabilities;
  /** A connected producer: idempotent, and acknowledged by all replicas in sync. */
  producer(): Promise<KafkaProducer>;
  /** Joins a group; resolves once the partitions of the first generation are taken over. */
  join(request: JoinRequest, listener: MemberListener): Promise<KafkaMember>;
  /** Transactions under an id; absent where a store of them cannot be made with this client. */
  transactions?(options: TransactionsOptions): KafkaTransactions;
}

/** Sends batches. After any result but `accepted` it is to be closed: what became of its sequence numbers is not known, and a batch under a used number is dropped in silence. */
export interface KafkaProducer {
  /** Rejects with `transport-unavailable` where the topic is not there. */
  partitionsOf(topic: string): Promise<number>;
  /** Sends at most one batch for each partition; a batch is appended whole or not at all. Answers in the order of the batches; never rejects. */
  send(topic: string, batches: readonly PartitionBatch[]): Promise<readonly PublishResult[]>;
  close(): Promise<void>;
}

/** Records for one partition, in their order. */
export interface PartitionBatch {
  readonly partition: number;
  readonly records: readonly OutgoingRecord[];
}

/** A record to be sent. */
export interface OutgoingRecord {
  readonly key: string | null;
  readonly value: string;
  readonly headers: Readonly<Record<string, string>>;
}

/** Who joins what, and how. */
export interface JoinRequest {
  readonly topic: string;
  readonly group: string;
  /** The groups of the consumer's previous names: their marks are its own. */
  readonly previousGroups: readonly string[];
  /** Whether the group is to remember where the topic ended when it was first joined ({@link PartitionReader.marks}). */
  readonly marksStart: boolean;
  /** A name that stays over restarts, for static membership. */
  readonly instance: string | undefined;
  readonly rebalance: 'eager' | 'cooperative';
  readonly sessionTimeoutMs: number;
  readonly heartbeatMs: number;
  /** How long a rebalance waits for this member to finish what it has in hand. */
  readonly rebalanceTimeoutMs: number;
  /** Bytes of one partition that one fetch brings at most, except that one record always fits. */
  readonly fetchBytes: number;
  readonly runtime: Runtime;
}

/** Told what a group makes of its member. Its promises are awaited: nothing is fetched before `assigned` resolves, nobody else is assigned before `revoked` does. */
export interface MemberListener {
  /** `reader` reads what they hold; valid until they are revoked or lost. Where it rejects it is called again. */
  assigned(partitions: readonly number[], topicId: string, reader: PartitionReader): Promise<void>;
  revoked(partitions: readonly number[]): Promise<void>;
  /** They are another's already. */
  lost(partitions: readonly number[]): Promise<void>;
  fetched(fetch: Fetch): void;
  /** The log does not have this offset (any more, or yet). Nothing more is fetched of the partition until {@link PartitionReader.read}. */
  outOfRange(partition: number, offset: bigint): void;
  /** Something failed and is tried again. */
  trouble(error: unknown): void;
}

/** Committed records of a partition, and where the next fetch begins: beyond what is no record, or was aborted. */
export interface Fetch {
  readonly partition: number;
  readonly records: readonly FetchedRecord[];
  readonly next: bigint;
}

/** A record that was read. */
export interface FetchedRecord {
  readonly offset: bigint;
  readonly key: Uint8Array | null;
  readonly value: Uint8Array | null;
  readonly headers: Readonly<Record<string, Uint8Array | string>>;
  readonly atMs: number;
}

/** Reads the partitions that are assigned. */
export interface PartitionReader {
  /** From now on fetches begin at this offset; what was under way from another comes to nothing. */
  read(partition: number, offset: bigint): void;
  /** A paused partition is not fetched; it goes on where it was. */
  pause(partition: number, paused: boolean): void;
  /** Of every partition of the topic: where its log begins, where what is committed ends, or the first record of a time (the end where there is none). */
  offsets(at: 'beginning' | 'end' | { readonly sinceMs: number }): Promise<ReadonlyMap<number, bigint>>;
  /** Where the topic ended when the group was first joined, as far as its partitions were there; of the others where they begin. */
  marks(): Promise<ReadonlyMap<number, bigint>>;
  /** The group's own offsets, for who keeps positions there; only with {@link KafkaClient.transactions}. */
  readonly record?: GroupRecord;
}

/** A member's place in its group for one generation: it goes with the offsets, so that a zombie's are refused (KIP-447). */
export interface GroupPlace {
  readonly group: string;
  readonly memberId: string;
  readonly generation: number;
  readonly topic: string;
  readonly topicId: string;
}

/** An offset of a group, and what its owner noted beside it. */
export interface GroupOffset {
  readonly offset: bigint;
  readonly note: string;
}

/** The offsets of a group in a topic, as a member of one generation has them. */
export interface GroupRecord {
  readonly place: GroupPlace;
  /** Those that are kept under this topic's id. Rejects with `store-unavailable` while a transaction is open that holds one of them: it may still commit. */
  read(partitions: readonly number[]): Promise<ReadonlyMap<number, GroupOffset>>;
  /** By itself, outside a transaction. Answers false where the member was evicted: they are another's. */
  write(offsets: ReadonlyMap<number, GroupOffset>): Promise<boolean>;
}

/** Whose transactions they are. */
export interface TransactionsOptions {
  readonly transactionalId: string;
  /** After it the brokers abort what nobody ended. */
  readonly timeoutMs: number;
}

/** Transactions of one transactional id, one after another. */
export interface KafkaTransactions {
  /** Fences whoever had the id before, and waits for the end of what they left open. Rejects with `store-unavailable`. */
  producer(): Promise<TransactionalProducer>;
  /** Rejects with `store-unavailable` where the topic is not there. */
  partitionsOf(topic: string): Promise<number>;
  /**
   * The committed records of a partition from its beginning to where it ends now; what is open there now is waited for, be it committed or not.
   * Rejects with `store-unavailable` where that takes too long.
   */
  scan(topic: string, partition: number): AsyncIterable<readonly FetchedRecord[]>;
  close(): Promise<void>;
}

/** What one transaction writes. */
export interface TransactionContent {
  /** Those of one partition are appended in their order. */
  readonly batches: readonly TopicBatch[];
  readonly offsets: { readonly place: GroupPlace; readonly at: ReadonlyMap<number, GroupOffset> } | undefined;
}

/** Records for one partition of a topic, in their order. */
export interface TopicBatch {
  readonly topic: string;
  readonly partition: number;
  readonly records: readonly TransactionRecord[];
}

/** A record of a transaction: also one that is passed on as it came, or a tombstone. */
export interface TransactionRecord extends Omit<OutgoingRecord, 'value'> {
  readonly value: string | Uint8Array | null;
}

/**
 * What became of a transaction. Of an aborted one nobody who reads committed records ever sees anything. It was aborted because the member was `evicted` from its group,
 * the producer was `fenced` or out of time, a record was `refused` for good, or something else `failed`.
 */
export type TransactionEnd =
  | { readonly kind: 'committed' }
  | { readonly kind: 'aborted'; readonly because: 'evicted' | 'fenced' | 'refused' | 'failed'; readonly error: unknown }
  | { readonly kind: 'unknown'; readonly error: unknown };

/** A producer of transactions. After any end but `committed` another one is to be had: its sequence numbers, and whether the brokers are through with it, are not known. */
export interface TransactionalProducer {
  /** A whole transaction: begun, filled and ended in one. Never rejects. */
  commit(content: TransactionContent): Promise<TransactionEnd>;
  /** After an unknown end: has the brokers commit it if they did not yet, and answers what they say. `over`: it has ended, and they do not know any more how. */
  ask(): Promise<'committed' | 'over' | 'unknown'>;
}

/** A place in a group. */
export interface KafkaMember {
  /** Tells the group how far each partition is read: for tools that watch lag. Rejects where the member was evicted: the offsets are another's by now. */
  commit(offsets: ReadonlyMap<number, bigint>): Promise<void>;
  /** Whether the group stands by what it has assigned: not from the moment that a member comes or goes, though this one has not heard of it yet. */
  isStable(): Promise<boolean>;
  /** Gives everything up, revoked first, and leaves the group. Idempotent. */
  close(): Promise<void>;
}
