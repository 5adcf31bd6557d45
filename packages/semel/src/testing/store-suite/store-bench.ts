import assert from 'node:assert/strict';
import type { Delivery, Failure, Receipt } from '../../core/delivery.ts';
import { Lifecycle } from '../../core/lifecycle.ts';
import type { Message, SealedMessage } from '../../core/message.ts';
import type { Runtime } from '../../core/runtime.ts';
import { seal } from '../../core/seal.ts';
import type {
  CommitOptions,
  DeadLetter,
  InboxRecord,
  ItemReceipt,
  ItemResult,
  Positions,
  Queue,
  Scope,
  Settlement,
  Store,
  Subscription,
  Verdict,
  Work,
  WorkItem,
} from '../../core/store.ts';
import { type ManualRuntime, manualRuntime } from '../manual-runtime.ts';
import type { StoreFixture } from './store-fixture.ts';

/** What a case's handler does beyond writing its effect. */
export type CaseHandler = (scope: Scope, item: WorkItem) => void | Promise<void>;

/** How a case commits. */
export type CaseOptions = Partial<CommitOptions> & { readonly run?: CaseHandler; readonly store?: Store; readonly claims?: boolean };

/** The lease of every case, unless it asks for another. */
export const LEASE_MS = 30_000;

/** What a case works with: the opened store, a clock of its own, and words for what cases do all the time. */
export class StoreBench {
  readonly runtime: ManualRuntime = manualRuntime();
  readonly lifecycle: Lifecycle = new Lifecycle();
  readonly #fixture: StoreFixture;
  readonly #opened: Store[] = [];
  #store: Store;
  #units = 0;

  private constructor(fixture: StoreFixture) {
    this.#fixture = fixture;
    this.#store = fixture.store;
  }

  static async open(fixture: StoreFixture): Promise<StoreBench> {
    const bench = new StoreBench(fixture);
    await bench.#open(bench.#store, bench.runtime);
    return bench;
  }

  get store(): Store {
    return this.#store;
  }

  get queue(): Queue {
    assert.ok(this.#store.queue, 'the store declares a queue and has none');
    return this.#store.queue;
  }

  get positions(): Positions {
    assert.ok(this.#store.positions, 'the store declares positions and has none');
    return this.#store.positions;
  }

  /** A second worker on the same data. */
  async another(runtime: Runtime = this.runtime): Promise<Store> {
    const store = this.#fixture.another();
    await this.#open(store, runtime);
    return store;
  }

  /** Ends the store and opens another on its data. */
  async reopen(): Promise<void> {
    await this.#store.close();
    this.#store = await this.another();
  }

  async close(): Promise<void> {
    for (const store of this.#opened) await store.close();
    await this.#fixture.close();
  }

  async join(name: string, given: Partial<Subscription> & Partial<Parameters<Store['registry']['join']>[1]> = {}): Promise<void> {
    const { kind = 'local', topic = 'orders', ordered = false, from = 'now', previousNames = [] } = given;
    await this.store.registry.join({ name, kind, topic, ordered }, { from, previousNames });
  }

  /** Publishes in one business transaction. */
  async publish(messages: readonly SealedMessage[], options: Parameters<Scope['stage']>[1] = {}): Promise<void> {
    await this.transact(async (scope) => {
      for (const message of messages) await scope.stage(message, options);
    });
  }

  async transact(run: (scope: Scope) => Promise<void>, options: CaseOptions = {}): Promise<void> {
    const work: Work = {
      items: [],
      run: async (scope) => {
        await run(scope);
        return [];
      },
    };
    await (options.store ?? this.store).commit([work], this.options(options));
  }

  /** Publishes each in a transaction of its own: no store is too small for it. */
  async publishEach(messages: readonly SealedMessage[]): Promise<void> {
    for (const message of messages) await this.publish([message]);
  }

  lease(name: string, max = 100, leaseMs: number = LEASE_MS, suspects = true): Promise<readonly Delivery[]> {
    return this.queue.lease(name, { max, leaseMs, suspects });
  }

  /** One work per delivery. The handler writes the effect `<consumer>/<id>`, then does what the case asks. */
  handle(consumer: string, deliveries: readonly Delivery[], options: CaseOptions = {}): Promise<readonly Verdict[]> {
    const works = deliveries.map((delivery) => this.work(consumer, [delivery], options));
    return this.commit(consumer, works, options);
  }

  /** One work for all the deliveries. */
  work(consumer: string, deliveries: readonly Delivery[], { run, claims = true }: CaseOptions = {}, results?: (fresh: readonly WorkItem[]) => readonly ItemResult[]): Work {
    return {
      items: deliveries.map((delivery) => itemOf(delivery, claims)),
      run: async (scope, fresh) => {
        for (const item of fresh) {
          await this.effect(scope, `${consumer}/${item.message?.id ?? 'bytes'}`);
          await run?.(scope, item);
        }
        return results?.(fresh) ?? fresh.map(() => ({ ok: true }));
      },
    };
  }

  commit(consumer: string, works: readonly Work[], options: CaseOptions = {}): Promise<readonly Verdict[]> {
    return (options.store ?? this.store).commit(works, this.options({ subscription: consumer, ...options }));
  }

  /** The options of a commit; what fails is retried after a second. */
  options({ run: _run, store: _store, claims: _claims, ...options }: CaseOptions): CommitOptions {
    return { unit: `unit-${++this.#units}`, onFailure: (item, error) => retryAfter(1_000)(item, error), ...options };
  }

  async effect(scope: Scope, key: string): Promise<void> {
    await this.#fixture.effects.write(scope.tx, key);
  }

  /** The committed effects, sorted. */
  async effects(): Promise<readonly string[]> {
    return [...(await this.#fixture.effects.list())].sort();
  }

  record(consumer: string, message: SealedMessage): Promise<InboxRecord | undefined> {
    return this.store.inbox.get(consumer, message.message);
  }

  /** The dead letters of a consumer; there must be as many as said. */
  async deadLetters(consumer: string, count: number): Promise<readonly DeadLetter[]> {
    const letters = await this.store.deadLetters.list({ consumer });
    assert.equal(letters.length, count, 'dead letters');
    return letters;
  }

  async #open(store: Store, runtime: Runtime): Promise<void> {
    this.#opened.push(store);
    await store.open({ runtime, lifecycle: this.lifecycle });
  }
}

/** A message made ready, of which a case names what matters to it. */
export function messageOf(id: string, given: Partial<Message> = {}): SealedMessage {
  const { topic = 'orders', source = `shop/${given.topic ?? 'orders'}`, data = { id } } = given;
  return seal({ topic, source, id, type: topic, time: '2026-01-01T00:00:00.000Z', data, headers: {}, ...given });
}

/** The message as a transport delivers it. */
export function deliveryOf({ message, fingerprint, json }: SealedMessage, given: Partial<Delivery> = {}): Delivery {
  return { topic: message.topic, content: { message, fingerprint, json }, receipt: { kind: 'external' }, attempt: 1, ...given };
}

/** The delivery as an item of a work, with a claim where a record is to be kept. */
function itemOf(delivery: Delivery, claims = true): WorkItem {
  const { content, receipt } = delivery;
  if (!('message' in content)) return { delivery, receipt };
  const fingerprint = content.fingerprint ?? seal(content.message).fingerprint;
  return { delivery, receipt, message: content.message, json: content.json ?? seal(content.message).json, ...(claims ? { claim: { fingerprint } } : {}) };
}

/** A step of a log. */
export function step(partition: string, from: number, epoch: number): { readonly receipt: Extract<Receipt, { readonly kind: 'position' }> } {
  return { receipt: { kind: 'position', partition, from: String(from), to: String(from + 1), epoch } };
}

/** The queue receipts of deliveries. */
export function receiptsOf(deliveries: readonly Delivery[]): readonly ItemReceipt[] {
  return deliveries.map(({ receipt }) => {
    assert.equal(receipt.kind, 'item');
    return receipt as ItemReceipt;
  });
}

/** The attempts of deliveries, in their order. */
export function attemptsOf(deliveries: readonly Delivery[]): readonly number[] {
  return deliveries.map(({ attempt }) => attempt);
}

/** The message ids of deliveries, in their order. */
export function idsOf(deliveries: readonly Delivery[]): readonly string[] {
  return deliveries.map(({ content }) => ('message' in content ? content.message.id : 'bytes'));
}

/** The kinds of verdicts, in their order. */
export function kindsOf(verdicts: readonly Verdict[]): readonly string[] {
  return verdicts.map(({ kind }) => kind);
}

/** A failure decision: again after so many milliseconds. */
export function retryAfter(afterMs: number, given: { readonly park?: boolean; readonly counted?: boolean } = {}): CommitOptions['onFailure'] {
  const { park = false, counted = true } = given;
  return (item, error) => ({ kind: 'retry', afterMs, failure: failureOf(item, error), counted, park });
}

/** A failure decision: never again. */
export function bury(given: { readonly holdKey?: boolean; readonly reason?: string } = {}): CommitOptions['onFailure'] {
  const { holdKey = false, reason = 'handler-failed' } = given;
  return (item, error): Settlement => ({ kind: 'dead', reason, failure: failureOf(item, error), holdKey });
}

/** A handler that fails for the messages named. */
export function failFor(...ids: readonly string[]): CaseHandler {
  return (_scope, { message }) => {
    if (message === undefined || ids.includes(message.id)) throw new Error('the case has it fail');
  };
}

function failureOf({ delivery }: WorkItem, error: unknown): Failure {
  return { atMs: 0, attempt: delivery.attempt, code: 'Error', message: error instanceof Error ? error.message : 'unknown' };
}
