import type { Consumer, ContextOf, SetContextOf } from './consumer/consumer.ts';
import { type ConsumerOptions, policiesOf } from './consumer/consumer-options.ts';
import { type DrainOptions, drainQueue } from './consumer/drain.ts';
import type { Engine } from './consumer/engine.ts';
import { transact } from './consumer/outside.ts';
import { Processor } from './consumer/processor.ts';
import { stageInto } from './consumer/publisher.ts';
import { refuseNested } from './core/ambient.ts';
import type { Delivery, Outcome, Process } from './core/delivery.ts';
import { SemelError } from './core/errors.ts';
import { Lifecycle, type Observer } from './core/lifecycle.ts';
import type { Identity, SealedMessage } from './core/message.ts';
import { nameOf, timeOf } from './core/options.ts';
import { type Publish, type PublishOptions, prepare } from './core/publication.ts';
import type { DeadLetters, PruneReport, Registry, Replay, Replays, Scope, Stage, Store } from './core/store.ts';
import type { AnyTopic, TopicInput } from './core/topic.ts';
import { unitIds } from './core/unit-ids.ts';
import { type Explanation, explain } from './explain/explanation.ts';
import { identityOf } from './explain/identity.ts';
import { type Health, type HealthOptions, healthOf } from './health.ts';
import { type HandledMessage, importInto } from './import-handled.ts';
import { type ReplayOptions, replayRequestOf } from './replay-options.ts';
import type { Running } from './running.ts';
import { type CheckedOptions, checkedOptions, type SemelOptions } from './semel-options.ts';
import { routeName, Starter } from './starter.ts';

const HOUR_MS = 3_600_000;

/**
 * Makes messages take effect exactly once, in the store given. No I/O happens before the first publish, transaction or start.
 *
 * @example
 * const semel = createSemel({ name: 'shop', store: sqlite('shop.db') });
 */
export function createSemel<Tx, Extra extends object = object>(options: SemelOptions<Tx, Extra>): Semel<Tx, Extra> {
  return new Semel<Tx, Extra>(checkedOptions(options), []);
}

/** A service: its store, its consumers and its routes. Made by {@link createSemel}. */
export class Semel<Tx = unknown, Extra extends object = object> {
  readonly #options: CheckedOptions<Tx>;
  readonly #consumers: Consumer[];
  readonly #engine: Engine<Tx>;
  #opened: Promise<void> | undefined;
  #isOpen = false;

  /** Use {@link createSemel}. */
  constructor(options: CheckedOptions<Tx>, consumers: readonly Consumer[]) {
    const { name, store, runtime, limits, context } = options;
    const lifecycle = new Lifecycle();
    if (options.observe) lifecycle.observe(options.observe);
    this.#options = options;
    this.#consumers = [...consumers];
    this.#engine = { name, store, runtime, lifecycle, limits, unit: unitIds(runtime), ...(context === undefined ? {} : { extend: context }) };
  }

  /**
   * Declares a consumer of single messages. Starts nothing; throws `bad-option` or `duplicate-name`.
   *
   * What the handler writes with `tx` and sends with `publish` commits together with the record that the message was handled.
   */
  consume<T extends AnyTopic, const O extends ConsumerOptions>(topic: T, options: O, handler: (context: ContextOf<T, O, Tx> & Extra) => unknown): Consumer {
    return this.#declare(topic, options, handler, false);
  }

  /** Declares a consumer that is called once for a whole group, to write it with set-based statements. Otherwise as {@link Semel.consume}. */
  consumeSet<T extends AnyTopic, const O extends ConsumerOptions>(topic: T, options: O, handler: (context: SetContextOf<T, O, Tx> & Extra) => unknown): Consumer {
    return this.#declare(topic, options, handler, true);
  }

  /**
   * Runs `run` in a transaction of the store: what it writes and publishes commits together, or not at all. Gives its result.
   *
   * Rejects with what `run` throws, with `store-*` where the store cannot, with `commit-unknown` where the fate of the commit is open,
   * with `nested-transaction` inside a handler or another transaction of the same store.
   */
  async transaction<Result>(run: (inside: { readonly tx: Tx; readonly publish: Publish }) => Result | Promise<Result>): Promise<Result> {
    await this.#openToWrite('semel.transaction');
    return transact(this.#engine, async (scope: Scope<Tx>) => run({ tx: scope.tx, publish: (topic, data, options) => this.#stage(scope, topic, data, options) }));
  }

  /**
   * Publishes one message: in a transaction of its own, or, with `tx`, in one that the user opened on the store's database.
   * Publishing the same identity twice is one message; another payload under it is refused with `identity-conflict`.
   * With `tx` the store must be open ({@link Semel.open}), or `not-running` is thrown.
   */
  async publish<T extends AnyTopic>(topic: T, data: TopicInput<T>, options: PublishOptions & { readonly tx?: unknown } = {}): Promise<Identity> {
    const { tx, ...rest } = options;
    if (tx === undefined) {
      await this.#openToWrite('semel.publish');
      return transact(this.#engine, (scope) => this.#stage(scope, topic, data, rest));
    }
    if (!this.#isOpen)
      throw new SemelError(
        'not-running',
        'semel.publish with `tx`: the store is not open, and opening it now would wait for the lock of that very transaction; await semel.open() first',
      );
    const { store } = this.#engine;
    if (!store.enlist) throw new SemelError('capability-missing', `the store ${store.name} cannot join a transaction that it did not open; use semel.transaction`);
    return this.#stage(store.enlist(tx), topic, data, rest);
  }

  /**
   * Hands a message to a consumer without a transport, `times` over, and answers what became of each: for tests.
   * @example
   * await semel.deliver(payments, { orderId: 'A1', cents: 100 }, { times: 2 }); // [{ kind: 'done' }, { kind: 'duplicate' }]
   */
  async deliver(consumer: Consumer, data: unknown, { times = 1, ...options }: PublishOptions & { readonly times?: number } = {}): Promise<readonly Outcome[]> {
    const sealed = await this.#prepare(consumer.topic, data, options);
    const outcomes: Outcome[] = [];
    for (let attempt = 1; attempt <= times; attempt++) outcomes.push(...(await this.process(consumer, [deliveryOf(sealed, attempt)])));
    return outcomes;
  }

  /** The entrance for everything that brings deliveries by itself: a function's event, an HTTP request, the prover. See {@link Process}. */
  async process(consumer: Consumer, deliveries: readonly Delivery[], options?: Parameters<Process>[1]): Promise<readonly Outcome[]> {
    return (await this.processor(consumer))(deliveries, options);
  }

  /** As {@link Semel.process}, for many calls: joins the consumer once and keeps its circuit breaker. */
  async processor(consumer: Consumer): Promise<Process> {
    await this.#join(consumer, 'semel.processor');
    return new Processor(this.#engine, consumer, false).process;
  }

  /**
   * Handles what is due in the store's queue for a consumer that no worker serves: what was parked, redriven or published locally. For functions
   * that are called by the clock, beside {@link Semel.process}. Answers with what became of each.
   */
  async drain(consumer: Consumer, options: DrainOptions = {}): Promise<readonly Outcome[]> {
    const process = await this.processor(consumer);
    const { store, runtime } = this.#engine;
    return store.queue === undefined ? [] : drainQueue(store.queue, consumer, process, runtime, options);
  }

  /**
   * Records messages as handled by a consumer that were, before Semel came: when one of them is delivered, it is a duplicate, whatever its payload. Joins the
   * consumer; works in batches. What has a record stays as it is, so that an import can be repeated. Returns how many records are new.
   * Rejects with `field-missing` where a message lacks its source or id; mend it and import them all again.
   * @example
   * await semel.importHandled(payments, rows.map(({ id, paidAt }) => ({ source: 'shop/orders', id, at: paidAt })));
   */
  async importHandled(consumer: Consumer, handled: Iterable<HandledMessage> | AsyncIterable<HandledMessage>): Promise<number> {
    await this.#join(consumer, 'semel.importHandled');
    return importInto(this.#engine.store.inbox, consumer.name, handled);
  }

  /** Opens the store, which otherwise happens at the first use: checks or applies its schema, and joins the routes. */
  open(): Promise<void> {
    return this.#open();
  }

  /** Joins and starts the consumers (all that were declared, unless some are named) and the relays of all routes. */
  async start({ consumers = this.#consumers }: { readonly consumers?: readonly Consumer[] } = {}): Promise<Running> {
    await this.#openToWrite('semel.start');
    let stopPruning = () => {};
    const running = await new Starter(this.#engine, this.#options).start(consumers, async () => {
      stopPruning();
      await this.close();
    });
    stopPruning = this.#pruneByTheHour();
    return running;
  }

  /** The same consumers with other parts: another store, other routes, a test's clock. */
  with<OtherTx = Tx>(changes: Partial<SemelOptions<OtherTx, Extra>>): Semel<OtherTx, Extra> {
    const { routes, ...rest } = this.#options;
    const given = Object.fromEntries(Object.entries({ ...rest, routes: Object.fromEntries(routes), ...changes }).filter(([, value]) => value !== undefined));
    return new Semel<OtherTx, Extra>(checkedOptions(given as unknown as SemelOptions<OtherTx>), this.#consumers);
  }

  /** Adds an observer of lifecycle events; the returned function removes it. */
  observe(observer: Observer): () => void {
    return this.#engine.lifecycle.observe(observer);
  }

  /** The consumers declared so far. */
  get consumers(): readonly Consumer[] {
    return [...this.#consumers];
  }

  /**
   * What holds for each consumer, from the producer to the effect: which way leads to once, what is assumed, and what `start` would refuse.
   * Opens nothing. What a broker alone knows of its settings is checked when a consumer starts.
   */
  explain(): readonly Explanation[] {
    return this.#consumers.map((consumer) => explain(consumer, this.#options, this.#consumers));
  }

  /** Nothing of this consumer or route is leased, in any process, until the time given or `resume`. */
  async pause(name: string, { until }: { readonly until?: Date } = {}): Promise<void> {
    const untilMs = until === undefined ? Number.POSITIVE_INFINITY : timeOf('semel.pause', 'until', until);
    await (await this.#registry('semel.pause')).pause(name, untilMs);
    await this.#engine.lifecycle.emit({ type: 'paused', consumer: name, afterMs: untilMs - this.#engine.runtime.clock.now() });
  }

  /** Ends a pause. */
  async resume(name: string): Promise<void> {
    await (await this.#registry('semel.resume')).resume(name);
    await this.#engine.lifecycle.emit({ type: 'resumed', consumer: name });
  }

  /** Removes a consumer that is gone: its backlog, records and dead letters. Returns what was removed. */
  async remove(name: string): ReturnType<Registry['leave']> {
    return (await this.#registry('semel.remove')).leave(name);
  }

  /** Every consumer and route: backlog, age of the oldest message, dead letters, pause. */
  async status(): ReturnType<Registry['list']> {
    await this.#open();
    return this.#engine.store.registry.list();
  }

  /** Dead letters: list, get, redrive, discard. Opens the store at the first call. */
  get deadLetters(): DeadLetters {
    const { deadLetters } = this.#engine.store;
    const open = () => this.#open();
    const openToWrite = (what: string) => this.#openToWrite(what);
    return {
      list: (filter) => open().then(() => deadLetters.list(filter)),
      get: (id) => open().then(() => deadLetters.get(id)),
      redrive: (id) => openToWrite('semel.deadLetters.redrive').then(() => deadLetters.redrive(id)),
      discard: (id) => openToWrite('semel.deadLetters.discard').then(() => deadLetters.discard(id)),
    };
  }

  /**
   * Has a consumer or route handle again, on purpose, what was published on its topic in a range of time and is still kept: its effects are made once more. What
   * still waits, and what died, is left alone. Who wanted it, and why, is recorded.
   * @example
   * await semel.replay('payments', { from: new Date('2026-03-01T00:00:00Z'), by: 'ann', reason: 'charged without tax' });
   */
  async replay(name: string, options: ReplayOptions): Promise<Replay> {
    const request = replayRequestOf(name, options);
    await this.#openToWrite('semel.replay');
    return this.#replays.replay(request);
  }

  /** The record of all replays, or those of one consumer or route; the oldest first. */
  async replays(filter: Parameters<Replays['list']>[0] = {}): Promise<readonly Replay[]> {
    await this.#open();
    return this.#replays.list(filter);
  }

  /** Whether the store answers, whether its schema is fit, and how far behind each consumer is: for a probe. Bounded in time; never rejects, but with `bad-option`. */
  health(options: HealthOptions = {}): Promise<Health> {
    return healthOf(() => this.status(), this.#engine.runtime, options);
  }

  /** Removes what is past its retention, messages once the archive has them; running workers do it by the hour. Rejects with `archive-failed` where that refuses. */
  async prune(): Promise<PruneReport> {
    await this.#openToWrite('semel.prune');
    const { retention, archive } = this.#options;
    return this.#engine.store.prune(retention, archive === undefined ? {} : { archive });
  }

  /** Closes the connections of the store and the routes; a later use opens them again. `stop` of what was started does it too. */
  async close(): Promise<void> {
    refuseNested(this.#engine.store, 'semel.close');
    await this.#opened?.catch(() => {});
    this.#opened = undefined;
    this.#isOpen = false;
    for (const { publisher, subscriber } of [...this.#options.routes.values()].flat()) await Promise.all([publisher?.close(), subscriber?.close()]);
    await this.#engine.store.close();
  }

  #declare(topic: AnyTopic, options: ConsumerOptions, handler: Consumer['handler'], set: boolean): Consumer {
    const name = nameOf('semel.consume', 'name', options.name);
    if (this.#consumers.some((other) => other.name === name))
      throw new SemelError('duplicate-name', `semel.consume: there is a consumer ${name} already; their records would collide`);
    const consumer: Consumer = Object.freeze({ name, topic, guarantee: options.guarantee ?? 'exactly-once', policies: policiesOf(topic, options, set), set, handler });
    this.#consumers.push(consumer);
    identityOf(topic); // asked once more when it starts
    return consumer;
  }

  async #join(consumer: Consumer, what: string): Promise<void> {
    await this.#openToWrite(what);
    const { name, topic, policies } = consumer;
    const kind = this.#options.routes.has(topic.name) ? 'remote' : 'local';
    await this.#engine.store.registry.join({ name, kind, topic: topic.name, ordered: policies.ordered }, { from: policies.from, previousNames: policies.previousNames });
  }

  get #replays(): Replays {
    const { store } = this.#engine;
    if (store.replays === undefined) throw new SemelError('capability-missing', `the store ${store.name} cannot replay; publish the messages again under new ids`);
    return store.replays;
  }

  async #registry(what: string): Promise<Registry> {
    await this.#openToWrite(what);
    return this.#engine.store.registry;
  }

  /** For what writes in a transaction of its own: inside another one of the same store it would wait for itself. */
  async #openToWrite(what: string): Promise<void> {
    refuseNested(this.#engine.store, what);
    await this.#open();
  }

  #open(): Promise<void> {
    this.#opened ??= this.#openStore().catch((error) => {
      this.#opened = undefined; // the next call tries again: the cause may be gone by then
      throw error;
    });
    return this.#opened;
  }

  /** Routes are joined here, so that whoever publishes fills the outbox, whether or not this process relays it. */
  async #openStore(): Promise<void> {
    const { store, runtime, lifecycle } = this.#engine;
    await (store as Store).open({ runtime, lifecycle });
    for (const [topic, transports] of this.#options.routes) {
      for (const transport of transports) {
        if (transport.publisher) await store.registry.join({ name: routeName(topic, transport), kind: 'route', topic, ordered: true }, { from: 'now' });
      }
    }
    this.#isOpen = true;
  }

  #prepare(topic: AnyTopic, data: unknown, options: PublishOptions): SealedMessage | Promise<SealedMessage> {
    return prepare(topic, data, options, { name: this.#options.name, nowMs: this.#options.runtime.clock.now(), maxBytes: this.#options.limits.maxBytes });
  }

  async #stage(stage: Stage, topic: AnyTopic, data: unknown, options: PublishOptions = {}): Promise<Identity> {
    return stageInto(stage, await this.#prepare(topic, data, options), options);
  }

  #pruneByTheHour(): () => void {
    const { runtime, lifecycle } = this.#engine;
    let cancel = () => {};
    const next = () => {
      cancel = runtime.scheduler.after(HOUR_MS * (0.5 + runtime.random()), () => {
        this.prune().catch((error) => lifecycle.emit({ type: 'trouble', error }));
        next();
      });
    };
    next();
    return () => cancel();
  }
}

function deliveryOf(sealed: SealedMessage, attempt: number): Delivery {
  const { message, fingerprint, json } = sealed;
  return { topic: message.topic, content: { message, fingerprint, json }, receipt: { kind: 'external' }, attempt };
}
