import { SemelError } from '../../core/errors.ts';
import { identityKey, type SealedMessage } from '../../core/message.ts';
import { requestsOf } from '../../core/requests.ts';
import type { TopicBatch, TransactionRecord } from '../../transports/kafka/kafka-client.ts';
import { bytesOf } from '../../transports/kafka/record-size.ts';
import type { Remembered } from './last-messages.ts';

/** A record and its place. */
export interface PlacedRecord {
  readonly topic: string;
  readonly partition: number;
  readonly record: TransactionRecord;
  /** The message that it carries. */
  readonly sealed?: SealedMessage;
  /** What it leaves as the last message of its key, where that is kept. */
  readonly remembered?: Remembered;
}

/** What a batch holds at most, besides its bytes. */
const BATCH_RECORDS = 1_000;

/** What a transaction is to write, gathered until it is committed. */
export class TransactionRecords {
  #placed: PlacedRecord[] = [];
  readonly #identities = new Map<string, string>();
  readonly #savepoints: number[] = [];

  get size(): number {
    return this.#placed.length;
  }

  add(placed: PlacedRecord): void {
    this.#placed.push(placed);
    if (placed.sealed !== undefined) this.#identities.set(identityKey(placed.sealed.message), placed.sealed.fingerprint);
  }

  /** Whether the message is there already. Rejects with `identity-conflict` where it is with another payload. */
  knows({ message, fingerprint }: SealedMessage): boolean {
    const known = this.#identities.get(identityKey(message));
    if (known === undefined || known === fingerprint) return known !== undefined;
    const { source, id } = message;
    throw new SemelError('identity-conflict', `message ${id} of ${source} was published twice in one transaction, with two payloads`, { details: { source, id } });
  }

  /** What this transaction made the last message of a key; undefined where it has none. */
  last(topic: string, key: string): Remembered | undefined {
    return this.#placed.findLast(({ remembered }) => remembered?.topic === topic && remembered.key === key)?.remembered;
  }

  /** In the order in which they were published. */
  get remembered(): readonly Remembered[] {
    return this.#placed.flatMap(({ remembered }) => remembered ?? []);
  }

  savepoint(): void {
    this.#savepoints.push(this.#placed.length);
  }

  release(): void {
    this.#savepoints.pop();
  }

  rollback(): void {
    const kept = this.#placed.slice(0, this.#savepoints.pop());
    this.#placed = [];
    this.#identities.clear();
    for (const placed of kept) this.add(placed);
  }

  /** @param maxBytes of one batch */
  batches(maxBytes: number): readonly TopicBatch[] {
    const bounds = { maxItems: BATCH_RECORDS, maxBytes, bytesOf };
    return [...Map.groupBy(this.#placed, ({ topic, partition }) => `${partition} ${topic}`).values()].flatMap((placed) => {
      const { topic, partition } = placed[0] as PlacedRecord;
      const records = placed.map(({ record }) => record);
      return requestsOf(records, bounds).map((batch) => ({ topic, partition, records: batch }));
    });
  }
}
