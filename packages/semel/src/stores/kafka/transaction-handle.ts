import { isSemelError, SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import type { OpenScope } from '../../core/session.ts';
import type { AnyTopic, TopicInput } from '../../core/topic.ts';
import type { PlacedRecord } from './transaction-records.ts';

/** A record that is no message of Semel's. */
export interface RawRecord {
  /** Which partition it goes to, by the Java client's murmur2. @default none: any partition */
  readonly key?: string | null;
  /** Null is a tombstone: a compacted topic forgets the key. */
  readonly value: string | Uint8Array | null;
  readonly headers?: Readonly<Record<string, string>>;
}

/** A handler's `tx`: what it sends is there, for who reads committed records, once the position has moved on, or not at all. */
export interface KafkaTransaction {
  /** Sends a record to any topic of the cluster. Messages of topics go by `publish`. */
  send(topic: string, record: RawRecord): Promise<void>;
  /**
   * The data of the last message under this key in a topic that the store `remembers`: committed, or published in this transaction before. Undefined where there is none.
   *
   * @throws SemelError `capability-missing` where the topic is not remembered, or the key is none of the consumed partition
   */
  last<T extends AnyTopic>(topic: T, key: string): TopicInput<T> | undefined;
}

/** What a handle does. */
export interface HandleActions {
  place(topic: string, record: RawRecord): Promise<PlacedRecord>;
  placeMessage(sealed: SealedMessage): Promise<PlacedRecord>;
  add(placed: PlacedRecord): void;
  knows(sealed: SealedMessage): boolean;
  last(topic: string, key: string): unknown;
}

/** What one work sees. */
export class KafkaScope implements OpenScope<KafkaTransaction> {
  readonly tx: KafkaTransaction;
  readonly #actions: HandleActions;
  #over = false;
  #trouble: unknown;

  constructor(actions: HandleActions) {
    this.#actions = actions;
    this.tx = Object.freeze<KafkaTransaction>({
      send: (topic, record) => this.#add(() => actions.place(topic, record)),
      last: (topic, key) => {
        this.#check();
        return actions.last(topic.name, key) as never;
      },
    });
  }

  async stage(sealed: SealedMessage, options: { readonly notBeforeMs?: number } = {}): Promise<void> {
    this.#check();
    if (options.notBeforeMs !== undefined) throw new SemelError('capability-missing', 'Kafka delays no message: publish it when it is due, or use a store with a queue');
    if (!this.#actions.knows(sealed)) await this.#add(() => this.#actions.placeMessage(sealed));
  }

  revoke(): void {
    this.#over = true;
  }

  verify(): void {
    if (this.#trouble !== undefined) throw this.#trouble;
  }

  async #add(place: () => Promise<PlacedRecord>): Promise<void> {
    this.#check();
    const placed = await place().catch((error: unknown) => this.#failed(error));
    this.#check(); // it may have settled meanwhile
    this.#actions.add(placed);
  }

  #failed(error: unknown): never {
    if (isSemelError(error, 'store-unavailable')) this.#trouble = error;
    throw error;
  }

  #check(): void {
    if (this.#over) throw new SemelError('transaction-over', 'the transaction of this handler is over: await every use of `tx` and `publish` before it returns');
  }
}
