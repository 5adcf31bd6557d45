import { commitGroup } from '../../core/commit-group.ts';
import { Lifecycle } from '../../core/lifecycle.ts';
import { Mutex } from '../../core/mutex.ts';
import { Opened } from '../../core/opened.ts';
import { systemRuntime } from '../../core/runtime.ts';
import { seal } from '../../core/seal.ts';
import type { Scope, Settlement, Verdict, WorkItem } from '../../core/store.ts';
import { Wire } from '../../core/wire.ts';
import type {
  FetchedRecord,
  GroupOffset,
  GroupRecord,
  KafkaTransactions,
  PartitionReader,
  TransactionalProducer,
  TransactionContent,
  TransactionEnd,
} from '../../transports/kafka/kafka-client.ts';
import { GroupLedger } from './group-ledger.ts';
import type { KafkaParts } from './kafka-parts.ts';
import { KafkaSession } from './kafka-session.ts';
import { LastMessages } from './last-messages.ts';
import type { KafkaTransaction } from './transaction-handle.ts';
import { UnresolvedUnits } from './unresolved-units.ts';

const TOPIC_ID = 'topic-id-of-22-letters';
/** The one partition that there is. */
export const PARTITION: string = `${TOPIC_ID}/0`;
/** The topic that is remembered. */
export const WORDS = 'words';
const START = 5n;
const DEAD_LETTERS = 'dead';

/** Brokers with one group of one partition, that do what a test says. */
export class PlayedKafka implements KafkaTransactions {
  /** The group's offset, as transactions and writes leave it. */
  offset: GroupOffset | undefined;
  /** Offsets that were written beside transactions. */
  readonly writes: GroupOffset[] = [];
  /** What transactions carried, and which producer's they were; also of those that did not commit. */
  readonly log: (TransactionContent & { readonly producer: number })[] = [];
  /** How the next transactions end; they commit where nothing is said. */
  readonly ends: TransactionEnd[] = [];
  /** What the coordinator says of an end that had no answer. */
  said: 'committed' | 'over' | 'unknown' = 'committed';
  generation = 1;
  producers = 0;
  /** What is committed in the topic that is remembered. */
  scanned: readonly FetchedRecord[] = [];

  async producer(): Promise<TransactionalProducer> {
    const producer = ++this.producers;
    return { commit: async (content) => this.#commit({ ...content, producer }), ask: async () => this.said };
  }

  async partitionsOf(): Promise<number> {
    return 1;
  }

  async *scan(): AsyncGenerator<readonly FetchedRecord[]> {
    yield this.scanned;
  }

  async close(): Promise<void> {}

  /** What a member of the generation as it is now reads through. */
  reader(): PartitionReader {
    const starts = async () => new Map([[0, START]]);
    return { read: () => {}, pause: () => {}, offsets: starts, marks: starts, record: this.#record(this.generation) };
  }

  async #commit(content: TransactionContent & { readonly producer: number }): Promise<TransactionEnd> {
    this.log.push(content);
    const isStale = content.offsets !== undefined && content.offsets.place.generation !== this.generation;
    const end: TransactionEnd = isStale ? { kind: 'aborted', because: 'evicted', error: new Error('ILLEGAL_GENERATION') } : (this.ends.shift() ?? { kind: 'committed' });
    if (end.kind === 'committed') this.offset = content.offsets?.at.get(0) ?? this.offset;
    return end;
  }

  #record(generation: number): GroupRecord {
    return {
      place: { group: 'shop/pay', memberId: 'member', generation, topic: 'orders', topicId: TOPIC_ID },
      read: async () => new Map(this.offset === undefined ? [] : [[0, this.offset]]),
      write: async (offsets) => {
        if (generation !== this.generation) return false;
        this.offset = offsets.get(0) as GroupOffset;
        this.writes.push(this.offset);
        return true;
      },
    };
  }
}

/** What a handler does with a message. */
export type Handle = (scope: Scope<KafkaTransaction>, word: string) => unknown;

/** A consumer's transactions on played brokers. */
export class Bench {
  readonly kafka: PlayedKafka = new PlayedKafka();
  readonly ledger: GroupLedger;
  readonly units: UnresolvedUnits = new UnresolvedUnits();
  readonly producers: Opened<TransactionalProducer>;
  readonly #parts: KafkaParts;
  #epoch = 0;
  #position = START;
  #units = 0;

  constructor() {
    const wire = new Wire('test', 'ce_', {});
    this.producers = new Opened(
      () => this.kafka.producer(),
      async () => {},
    );
    this.ledger = new GroupLedger({ from: 'beginning', last: new LastMessages([WORDS], this.kafka), mutex: new Mutex(), settled: () => this.producers.get() });
    this.#parts = {
      options: { deadLetterTopic: DEAD_LETTERS, transactionalId: 'me', transactionTimeoutMs: 1_000, remembers: [] },
      transactions: this.kafka,
      producers: this.producers,
      ledgers: new Map([['pay', this.ledger]]),
      units: this.units,
      deadLetterWire: wire,
      remembers: new Set([WORDS]),
      maxBytes: () => 1_000_000,
      wireOf: () => wire,
    };
  }

  /** The group has given the partition to this member, in the generation as it is now. */
  async assigned(): Promise<{ readonly attempt: number }> {
    await this.ledger.last.check('orders');
    this.ledger.enter([0], this.kafka.reader());
    return this.acquired();
  }

  /** It is taken over (again). */
  async acquired(): Promise<{ readonly attempt: number }> {
    const [held] = await this.ledger.acquire([PARTITION]);
    this.#epoch = held?.epoch ?? Number.NaN;
    this.#position = BigInt(held?.position ?? 0);
    return { attempt: Math.max(1, held?.crashes ?? 0) + (held?.failures ?? 0) };
  }

  get epoch(): number {
    return this.#epoch;
  }

  /** Handles the next so many records in one transaction. */
  async handle(count: number, handle: Handle, settlement?: Settlement): Promise<readonly Verdict[]> {
    const items = Array.from({ length: count }, (_, index) => this.#item(this.#position + BigInt(index)));
    const works = items.map((item) => ({
      items: [item],
      run: async (scope: Scope<KafkaTransaction>) => {
        await handle(scope, item.message?.id ?? '');
        return [{ ok: true } as const];
      },
    }));
    const options = { subscription: 'pay', unit: `unit-${++this.#units}`, onFailure: () => settlement };
    return commitGroup(new KafkaSession(this.#parts, options), works, options, { runtime: systemRuntime, lifecycle: new Lifecycle() });
  }

  /** Publishes to the topic that is remembered. */
  async publish(scope: Scope<KafkaTransaction>, id: string, data: string = id): Promise<void> {
    await scope.stage(seal({ topic: WORDS, source: 'test', id, type: WORDS, time: '2026-01-01T00:00:00.000Z', key: 'key', data, headers: {} }));
  }

  #item(at: bigint): WorkItem {
    const message = { topic: 'orders', source: 'shop', id: `m${at}`, type: 'orders', time: '2026-01-01T00:00:00.000Z', data: null, headers: {} };
    const receipt = { kind: 'position', partition: PARTITION, from: String(at), to: String(at + 1n), epoch: this.#epoch } as const;
    return { delivery: { topic: 'orders', content: { message }, receipt, attempt: 1 }, receipt, message, json: 'null', claim: { fingerprint: 'f' } };
  }
}
