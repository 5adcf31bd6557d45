import type { Consumer } from './consumer/consumer.ts';
import type { Engine } from './consumer/engine.ts';
import { PausableFeed } from './consumer/pausable-feed.ts';
import { Processor } from './consumer/processor.ts';
import { Worker } from './consumer/worker.ts';
import type { Contract } from './core/contract.ts';
import { QueueFeed } from './core/queue-feed.ts';
import { SuspectTurn } from './core/suspect-turn.ts';
import type { Feed, Subscriber, Transport } from './core/transport.ts';
import { footingOf, sourceOf } from './explain/footing.ts';
import { Relay } from './outbox/relay.ts';
import { Running } from './running.ts';
import type { CheckedOptions } from './semel-options.ts';
import { checkFooting } from './start-check.ts';

/** The name of a route's subscription in the store. */
export function routeName(topic: string, transport: Transport): string {
  return `${topic}>${transport.name}`;
}

/** Joins consumers and routes, and sets workers on their feeds. */
export class Starter<Tx> {
  readonly #engine: Engine<Tx>;
  readonly #options: CheckedOptions<Tx>;
  readonly #turn = new SuspectTurn();
  readonly #workers: Worker[] = [];
  readonly #subscriptions: string[] = [];
  readonly #feeds: Feed[] = [];

  constructor(engine: Engine<Tx>, options: CheckedOptions<Tx>) {
    this.#engine = engine;
    this.#options = options;
  }

  /** Checks everything first, so that a wrong consumer starts none. */
  async start(consumers: readonly Consumer[], stopped: () => Promise<void>): Promise<Running> {
    for (const consumer of consumers) checkFooting(footingOf(consumer, this.#options));
    this.#engine.store.checkCapacity?.(this.#transactionsOf(consumers));
    try {
      for (const consumer of consumers) await this.#startConsumer(consumer);
    } catch (error) {
      await Promise.all(this.#workers.map((worker) => worker.stop(AbortSignal.abort())));
      throw error;
    }
    for (const [topic, transports] of this.#options.routes) for (const transport of transports) this.#startRelay(topic, transport);
    for (const worker of this.#workers) worker.start();
    const { store, runtime } = this.#engine;
    return new Running({ workers: this.#workers, subscriptions: this.#subscriptions, feeds: this.#feeds, store, runtime, stopped });
  }

  /** How many the workers may have open at once: each of a worker's loops has one at a time. */
  #transactionsOf(consumers: readonly Consumer[]): number {
    const queued = this.#engine.store.queue ? 1 : 0;
    const perConsumer = consumers.map((consumer) => loopsOf(consumer) * (queued + (sourceOf(consumer, this.#options.routes) ? 1 : 0)));
    const relays = queued * [...this.#options.routes.values()].flat().filter(({ publisher }) => publisher !== undefined).length;
    return perConsumer.reduce((sum, loops) => sum + loops, relays * this.#loopsOfRelay);
  }

  get #loopsOfRelay(): number {
    return this.#engine.store.outboxFeed === undefined ? this.#options.relay.concurrency : 1;
  }

  async #startConsumer(consumer: Consumer): Promise<void> {
    const { store, runtime } = this.#engine;
    const { policies, name, topic } = consumer;
    const transport = sourceOf(consumer, this.#options.routes);
    await store.registry.join(
      { name, kind: transport ? 'remote' : 'local', topic: topic.name, ordered: policies.ordered },
      { from: policies.from, previousNames: policies.previousNames },
    );
    this.#subscriptions.push(name);
    const parks = transport !== undefined && !(transport.contract.delayedRetry.value && transport.contract.countsAttempts.value);
    const processor = new Processor(this.#engine, consumer, parks);
    if (store.queue) this.#drive(consumer, processor, new QueueFeed(store.queue, name, policies.leaseMs, runtime, this.#turn)); // its messages, or what was parked of them
    if (transport?.subscriber === undefined) return;
    const loops = policies.ordered && overtakes(transport.contract) ? 1 : loopsOf(consumer);
    await this.#subscribe(consumer, processor, transport.subscriber, loops);
  }

  async #subscribe(consumer: Consumer, processor: Processor<Tx>, subscriber: Subscriber, loops: number): Promise<void> {
    const { store, runtime } = this.#engine;
    const { policies, name, topic, guarantee } = consumer;
    let worker: Worker | undefined;
    const feed = await subscriber.subscribe(topic.name, {
      service: this.#engine.name,
      consumer: name,
      previousNames: policies.previousNames,
      from: policies.from,
      ordered: policies.ordered,
      leaseMs: policies.leaseMs,
      runtime,
      attempts: policies.retry.attempts,
      recordsKeptMs: guarantee === 'at-least-once' ? Number.POSITIVE_INFINITY : this.#options.retention.inboxMs,
      assigned: async (partitions) => (await store.positions?.acquire(name, partitions)) ?? [],
      revoked: async (partitions) => worker?.drain(partitions),
      released: async (partitions) => store.positions?.release(name, partitions),
    });
    const pausable = new PausableFeed(feed, store.registry, name, runtime);
    this.#feeds.push(pausable);
    worker = this.#drive(consumer, processor, pausable, loops);
  }

  #drive(consumer: Consumer, processor: Processor<Tx>, feed: Feed, concurrency: number = loopsOf(consumer)): Worker {
    const { policies, name, guarantee } = consumer;
    const work = { name, gate: processor.gate, process: processor.process };
    const worker = new Worker(work, feed, this.#engine.runtime, this.#engine.lifecycle, {
      max: guarantee === 'exactly-once' ? Math.max(policies.groupMax, PREFETCH) : policies.concurrency,
      concurrency,
      leaseMs: policies.leaseMs,
    });
    this.#workers.push(worker);
    return worker;
  }

  #startRelay(topic: string, transport: Transport): void {
    const { store, runtime, lifecycle, unit } = this.#engine;
    if (transport.publisher === undefined || store.queue === undefined) return;
    const { max, timeoutMs, leaseMs } = this.#options.relay;
    const subscription = routeName(topic, transport);
    const relay = new Relay({ store, publisher: transport.publisher, subscription, runtime, lifecycle, timeoutMs, unit });
    this.#subscriptions.push(subscription);
    const feed = store.outboxFeed?.({ name: subscription, topic, leaseMs, turn: this.#turn }) ?? new QueueFeed(store.queue, subscription, leaseMs, runtime, this.#turn);
    this.#workers.push(new Worker(relay, feed, runtime, lifecycle, { max, concurrency: this.#loopsOfRelay, leaseMs }));
  }
}

/** Whether its feed keeps an order, yet may have two messages of one key in two hands: loops side by side would overtake one another. A log's positions and a lease's groups prevent that. */
function overtakes({ ordering, settlement, takenBack }: Contract): boolean {
  return ordering.value !== 'none' && settlement.value === 'one-by-one' && takenBack.value === 'connection';
}

/** How often a consumer takes messages at once. Outside a transaction its handlers run at once, and their messages come together. */
function loopsOf({ guarantee, policies }: Consumer): number {
  return guarantee === 'exactly-once' ? policies.concurrency : 1;
}

/** Messages leased at once where each has its own transaction: one durable mark for many. */
const PREFETCH = 50;
