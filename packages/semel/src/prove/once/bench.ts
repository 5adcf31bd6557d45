import { randomBytes } from 'node:crypto';
import type { Consumer } from '../../consumer/consumer.ts';
import type { Engine } from '../../consumer/engine.ts';
import type { Delivery } from '../../core/delivery.ts';
import { SemelError } from '../../core/errors.ts';
import type { SealedMessage } from '../../core/message.ts';
import { prepare } from '../../core/publication.ts';
import { MAX_JSON_BYTES } from '../../core/read-json.ts';
import { systemRuntime } from '../../core/runtime.ts';
import type { Scope, Store } from '../../core/store.ts';
import { seededRandom } from '../../testing/seeded-random.ts';
import type { ProofSettings } from './prove-options.ts';
import { Subject } from './subject.ts';
import { counted, type Tally, tallyOf } from './tally.ts';
import type { WorkerLifecycle } from './worker-lifecycle.ts';
import type { Workforce } from './workforce.ts';

const LEASE_MS = 3_600_000;
const MOST_PUBLISHED = 1_000;

/** The database of a proof, with what its trials share. Names of its own keep it apart from other proofs on the same database. */
export class ProofBench<Tx> {
  readonly settings: ProofSettings<Tx>;
  readonly subject: Subject<Tx>;
  readonly workforce: Workforce<Tx>;
  #trials = 0;

  private constructor(settings: ProofSettings<Tx>, workforce: (subject: Subject<Tx>) => Workforce<Tx>) {
    const unique = randomBytes(6).toString('hex');
    this.settings = settings;
    this.subject = new Subject(settings, { unique, runtime: { ...systemRuntime, random: seededRandom(settings.seed) } });
    this.workforce = workforce(this.subject);
  }

  /** Opens the stores, and joins what is to be watched. */
  static async open<Tx>(settings: ProofSettings<Tx>, workforce: (subject: Subject<Tx>) => Workforce<Tx>): Promise<ProofBench<Tx>> {
    const bench = new ProofBench(settings, workforce);
    try {
      for (const store of new Set(settings.stores)) await store.open(bench.engine);
      await bench.#join();
      return bench;
    } catch (error) {
      await bench.#closeStores();
      throw error;
    }
  }

  get engine(): Engine<Tx> {
    return this.subject.engine;
  }

  get lifecycle(): WorkerLifecycle {
    return this.subject.lifecycle;
  }

  /** See {@link Subject.consumer}. */
  get consumer(): Consumer {
    return this.subject.consumer;
  }

  /** Lets the workers go, removes what it has joined, and closes the stores. */
  async close(): Promise<void> {
    const { registry } = this.#store;
    await this.workforce.close();
    try {
      for (const name of [this.consumer.name, ...this.#sinks.keys()]) await registry.leave(name);
    } finally {
      await this.#closeStores();
    }
  }

  /** Begins a trial: gives the number that its messages bear. */
  async begin(): Promise<number> {
    const { prepare: prepareData } = this.settings;
    if (prepareData !== undefined) await this.#transact(async ({ tx }) => void (await prepareData(tx)));
    this.#trials += 1;
    return this.#trials;
  }

  /** The messages, each under an identity of this trial alone. */
  async sealed(trial: number): Promise<readonly SealedMessage[]> {
    const { messages, describe, name } = this.settings;
    const { topic } = this.consumer;
    const sealed: SealedMessage[] = [];
    for (const [index, data] of messages.entries()) {
      const made = describe(data);
      const options = made.id === undefined && !hasIds(this.consumer) ? { ...made, id: `message-${index + 1}` } : made;
      sealed.push(this.subject.own(await prepare(topic, data, options, { name, nowMs: this.engine.runtime.clock.now(), maxBytes: MAX_JSON_BYTES }), trial));
    }
    const ids = new Set(sealed.map(({ message }) => message.id));
    if (ids.size < sealed.length) throw new SemelError('bad-option', 'proveOnce: two of `messages` have one id; each must be an event of its own');
    return sealed;
  }

  /** What the handler has made so far. */
  async effects(): Promise<Tally> {
    let tally: Tally | undefined;
    await this.#transact(async ({ tx }) => {
      tally = tallyOf(await this.settings.effect(tx));
    });
    return tally as Tally;
  }

  /** What was published in a trial and is committed: how often on each topic because of each message. To be asked once. */
  async published(trial: number): Promise<Tally> {
    const found: string[] = [];
    for (const [sink, topic] of this.#sinks) {
      for (const { content } of await this.#received(sink)) {
        if (!('message' in content) || !content.message.source.endsWith(`.${trial}`)) continue;
        const cause = content.message.headers['causationid'];
        found.push(cause === undefined ? `a message of ${topic}` : `a message of ${topic} because of ${cause}`);
      }
    }
    return counted(found);
  }

  /** How often each state of a record is there; `absent` where there is none. */
  async records(messages: readonly SealedMessage[]): Promise<ReadonlyMap<SealedMessage, 'done' | 'dead' | 'absent'>> {
    const states = new Map<SealedMessage, 'done' | 'dead' | 'absent'>();
    for (const sealed of messages) states.set(sealed, (await this.#store.inbox.get(this.consumer.name, sealed.message))?.state ?? 'absent');
    return states;
  }

  get #store(): Store<Tx> {
    return this.settings.stores[0];
  }

  /** The subscriptions that receive what the handler publishes, and the topic of each. */
  readonly #sinks = new Map<string, string>();

  async #join(): Promise<void> {
    const { registry, queue } = this.#store;
    const { name, topic, policies } = this.consumer;
    await registry.join({ name, kind: 'remote', topic: topic.name, ordered: policies.ordered }, { from: 'now' });
    if (queue === undefined) return;
    for (const published of policies.publishes) this.#sinks.set(`${name}-sink-${this.#sinks.size + 1}`, published.name);
    for (const [sink, published] of this.#sinks) await registry.join({ name: sink, kind: 'local', topic: published, ordered: false }, { from: 'now' });
  }

  /** What a sink has not been given before. It is never settled: it goes with the sink. */
  async #received(sink: string): Promise<readonly Delivery[]> {
    const all: Delivery[] = [];
    for (;;) {
      const deliveries = (await this.#store.queue?.lease(sink, { max: MOST_PUBLISHED, leaseMs: LEASE_MS, suspects: false })) ?? [];
      if (deliveries.length === 0) return all;
      all.push(...deliveries);
    }
  }

  async #transact(run: (scope: Scope<Tx>) => Promise<void>): Promise<void> {
    const work = { items: [], run: async (scope: Scope<Tx>) => run(scope).then(() => []) };
    await this.#store.commit([work], { unit: this.engine.unit(), onFailure: () => undefined });
  }

  async #closeStores(): Promise<void> {
    for (const store of new Set(this.settings.stores)) await store.close();
  }
}

function hasIds({ topic }: Consumer): boolean {
  return [...topic.types.values()].every(({ id }) => id !== undefined);
}
