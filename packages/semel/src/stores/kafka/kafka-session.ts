import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import { reasonOf } from '../../core/reason-of.ts';
import { type Entry, type ItemState, type OpenScope, RefusedBefore, type Session } from '../../core/session.ts';
import type { CommitOptions, WorkItem } from '../../core/store.ts';
import type { TransactionalProducer, TransactionEnd, TransactionRecord } from '../../transports/kafka/kafka-client.ts';
import { partitionOf } from '../../transports/kafka/murmur2.ts';
import { bytesOf } from '../../transports/kafka/record-size.ts';
import { deadLetterRecord } from './dead-letter-record.ts';
import type { GroupLedger, Moves } from './group-ledger.ts';
import type { KafkaParts } from './kafka-parts.ts';
import type { Remembered } from './last-messages.ts';
import { KafkaScope, type KafkaTransaction, type RawRecord } from './transaction-handle.ts';
import { type PlacedRecord, TransactionRecords } from './transaction-records.ts';

const NOTHING: Moves = new Map();

/** One transaction, as `commitGroup` drives it: it is gathered while handlers run, and begun, written and ended once they are through. */
export class KafkaSession implements Session<KafkaTransaction> {
  readonly #parts: KafkaParts;
  readonly #options: CommitOptions;
  readonly #ledger: GroupLedger | undefined;
  #unit = '';
  #producer: TransactionalProducer | undefined;
  #records = new TransactionRecords();
  #items: readonly WorkItem[] = [];
  #moves = NOTHING;
  #keyless = Math.floor(Math.random() * 2 ** 16);

  constructor(parts: KafkaParts, options: CommitOptions) {
    this.#parts = parts;
    this.#options = options;
    this.#ledger = options.subscription === undefined ? undefined : parts.ledgers.get(options.subscription);
  }

  async begin(unit: string): Promise<void> {
    this.#producer = await this.#parts.producers.get();
    this.#unit = unit;
    this.#records = new TransactionRecords();
    this.#items = [];
    this.#moves = NOTHING;
    this.#keyless += 1;
  }

  async inspect(items: readonly WorkItem[]): Promise<readonly ItemState[]> {
    this.#items = items;
    const foreign = items.some(({ receipt, claim }) => (receipt.kind === 'position' ? this.#ledger === undefined : receipt.kind === 'item' || claim !== undefined));
    if (foreign) throw noInbox(this.#options.subscription ?? '');
    return this.#ledger?.inspect(items) ?? items.map(() => ({ kind: 'fresh' }));
  }

  open(): OpenScope<KafkaTransaction> {
    return new KafkaScope({
      place: (topic, record) => this.#placeRaw(topic, record),
      placeMessage: (sealed) => this.#placeMessage(sealed),
      add: (placed) => this.#records.add(placed),
      knows: (sealed) => this.#records.knows(sealed),
      last: (topic, key) => this.#last(topic, key),
    });
  }

  async savepoint(): Promise<void> {
    this.#records.savepoint();
  }

  async releaseSavepoint(): Promise<void> {
    this.#records.release();
  }

  async rollbackToSavepoint(): Promise<void> {
    this.#records.rollback();
  }

  async flush(): Promise<void> {}

  async settle(entries: readonly Entry[]): Promise<void> {
    const { options, deadLetterWire } = this.#parts;
    for (const entry of entries) {
      if (entry.kind !== 'settlement' || entry.settlement.kind !== 'dead') continue;
      const record = deadLetterRecord(this.#options.subscription ?? '', entry.item, entry.settlement, deadLetterWire);
      this.#records.add(await this.#place(options.deadLetterTopic, record));
    }
    this.#moves = this.#ledger?.movesOf(this.#items, entries) ?? NOTHING;
  }

  async commit(): Promise<void> {
    const producer = this.#producer as TransactionalProducer;
    const offsets = this.#ledger?.offsetsOf(this.#moves);
    if (this.#records.size === 0 && offsets === undefined) return;
    const end = await producer.commit({ batches: this.#records.batches(this.#parts.maxBytes()), offsets });
    if (end.kind === 'committed') return committed(this.#ledger, this.#moves, this.#records);
    this.#parts.producers.broke(producer);
    throw end.kind === 'unknown' ? this.#unknown(producer, end.error) : this.#aborted(end);
  }

  async rollback(): Promise<void> {} // nothing was begun at the brokers, or it was ended there

  /** Nothing more is made of these partitions until it is known. */
  #unknown(producer: TransactionalProducer, cause: unknown): SemelError {
    const [ledger, moves, records] = [this.#ledger, this.#moves, this.#records];
    ledger?.doubt(moves, true);
    this.#parts.units.add(this.#unit, {
      ask: () => producer.ask(),
      moved: async () => (ledger === undefined || moves.size === 0 ? undefined : ledger.has(moves)),
      committed: () => committed(ledger, moves, records),
      aborted: () => ledger?.doubt(moves, false),
    });
    return new SemelError('commit-unknown', 'kafka: there was no answer to the end of the transaction', { cause, details: { unit: this.#unit } });
  }

  #aborted({ because, error }: Extract<TransactionEnd, { readonly kind: 'aborted' }>): RefusedBefore {
    if (because === 'refused') return new RefusedBefore(new SemelError('publish-failed', `kafka: a record was refused: ${reasonOf(error)}`, { cause: error }));
    if (because !== 'evicted') return new RefusedBefore(unavailable(because, error, this.#parts));
    this.#ledger?.evicted();
    return new RefusedBefore(new SemelError('store-conflict', 'kafka: the group goes on without this member', { cause: error }));
  }

  #last(topic: string, key: string): unknown {
    if (this.#ledger === undefined)
      throw new SemelError('capability-missing', 'a topic that is remembered is read and written by the consumer that owns the partition of the key, and by nobody else');
    const committed = this.#ledger.last.get(topic, key);
    const own = this.#records.last(topic, key);
    return own === undefined ? committed : own.data;
  }

  async #placeMessage(sealed: SealedMessage): Promise<PlacedRecord> {
    const { message } = sealed;
    const { body, headers } = this.#parts.wireOf(message.topic).encode(sealed);
    const placed = await this.#place(message.topic, { key: message.key ?? null, value: body, headers });
    const remembered = this.#remembered(placed, JSON.parse(sealed.json));
    return { ...placed, sealed, ...(remembered === undefined ? {} : { remembered }) };
  }

  async #placeRaw(topic: string, { key = null, value, headers = {} }: RawRecord): Promise<PlacedRecord> {
    const placed = await this.#place(topic, { key, value, headers });
    const remembered = this.#remembered(placed, undefined);
    if (remembered === undefined) return placed;
    if (value !== null) throw new SemelError('bad-option', `tx.send: topic ${topic} is remembered, so it holds messages: use \`publish\`; a tombstone may be sent`);
    return { ...placed, remembered };
  }

  /** What it changes in the memory of who owns the key; that has to be this consumer. */
  #remembered({ topic, partition, record: { key } }: PlacedRecord, data: unknown): Remembered | undefined {
    if (!this.#parts.remembers.has(topic)) return undefined;
    if (key === null) throw new SemelError('field-missing', `topic ${topic} is remembered by its keys, and this record has none`, { details: { topic, field: 'key' } });
    this.#last(topic, key);
    return { topic, partition, key, data };
  }

  async #place(topic: string, record: TransactionRecord): Promise<PlacedRecord> {
    const { key } = record;
    const maxBytes = this.#parts.maxBytes();
    const bytes = bytesOf(record);
    if (bytes > maxBytes) throw new SemelError('too-large', `a record for topic ${topic} has ${bytes} bytes; Kafka takes at most ${maxBytes}`, { details: { bytes, maxBytes } });
    const partitions = await this.#parts.transactions.partitionsOf(topic);
    return { topic, partition: key === null ? this.#keyless % partitions : partitionOf(key, partitions), record };
  }
}

function committed(ledger: GroupLedger | undefined, moves: Moves, records: TransactionRecords): void {
  ledger?.reached(moves);
  ledger?.last.apply(records.remembered);
}

function unavailable(because: 'fenced' | 'failed', error: unknown, { options }: KafkaParts): SemelError {
  const why =
    because === 'fenced' ? `another process has begun under the transactional id ${options.transactionalId}, or it took longer than \`transactionTimeoutMs\`` : reasonOf(error);
  return new SemelError('store-unavailable', `kafka: the transaction was aborted: ${why}`, { cause: error });
}

function noInbox(consumer: string): SemelError {
  return new SemelError(
    'capability-missing',
    `consumer ${consumer}: Kafka's transactions keep no record of handled messages; what comes by another way than a route of this store would not be known again`,
  );
}
