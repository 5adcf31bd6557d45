import { commitResolved } from '../core/commit-resolved.ts';
import type { Delivery } from '../core/delivery.ts';
import type { Message } from '../core/message.ts';
import type { CommitOptions, ItemResult, Scope, Verdict, Work, WorkItem } from '../core/store.ts';
import type { Consumer } from './consumer.ts';
import type { Bounds, Engine } from './engine.ts';
import { SetFailure, settlementOf } from './failures.ts';
import { insideContext, setContext } from './handler-context.ts';
import type { Job } from './intake.ts';
import type { Watchdog } from './watchdog.ts';

/** Exactly-once: record, effect and messages of a group in one transaction. */
export class InsideRunner<Tx> {
  readonly #engine: Engine<Tx>;
  readonly #consumer: Consumer;
  readonly #watchdog: Watchdog;
  readonly #parks: boolean;

  constructor(engine: Engine<Tx>, consumer: Consumer, watchdog: Watchdog, parks: boolean) {
    this.#engine = engine;
    this.#consumer = consumer;
    this.#watchdog = watchdog;
    this.#parks = parks;
  }

  /** Commits one group; a verdict per job, in their order. Rejects where the store is in trouble. */
  commit(jobs: readonly Job[], bounds: Bounds): Promise<readonly Verdict[]> {
    const { policies, name } = this.#consumer;
    const works = this.#consumer.set ? [this.#setWork(jobs)] : jobs.map((job) => this.#work(job));
    const options: CommitOptions = {
      subscription: name,
      unit: this.#engine.unit(),
      budgetMs: policies.budgetMs,
      concurrent: policies.concurrentGroup,
      ordered: policies.ordered,
      signal: bounds.signal,
      onFailure: (item, error) => settlementOf(this.#engine, this.#consumer, item, error, { parks: this.#parks, probing: bounds.probing }),
    };
    return commitResolved(this.#engine.store, works, options, this.#engine.runtime);
  }

  #work(job: Job): Work<Tx> {
    const items = [job.item];
    if ('refused' in job) return { items, run: async () => [{ ok: false, error: job.refused }] };
    return { items, run: async (scope) => [this.#done(await this.#handle(scope, job.message, job.item.delivery))] };
  }

  #handle(scope: Scope<Tx>, message: Message, delivery: Delivery): Promise<unknown> {
    return this.#engine.lifecycle.observed ? this.#handleObserved(scope, message, delivery) : this.#call(scope, message, delivery);
  }

  async #handleObserved(scope: Scope<Tx>, message: Message, delivery: Delivery): Promise<unknown> {
    const { lifecycle } = this.#engine;
    const about = { consumer: this.#consumer.name, messages: [{ source: message.source, id: message.id }] };
    await lifecycle.emit({ type: 'handling', ...about });
    const result = await this.#call(scope, message, delivery);
    await lifecycle.emit({ type: 'handled', ...about });
    return result;
  }

  #call(scope: Scope<Tx>, message: Message, delivery: Delivery): Promise<unknown> {
    return this.#watchdog.watch((invocation) => this.#consumer.handler(insideContext(this.#engine, this.#consumer, scope, message, delivery.attempt, invocation)));
  }

  #setWork(jobs: readonly Job[]): Work<Tx> {
    const byItem = new Map(jobs.map((job) => [job.item, job]));
    return { items: jobs.map((job) => job.item), run: (scope, fresh) => this.#runSet(scope, fresh, byItem) };
  }

  async #runSet(scope: Scope<Tx>, fresh: readonly WorkItem[], jobs: ReadonlyMap<WorkItem, Job>): Promise<readonly ItemResult[]> {
    const messages = new Map<WorkItem, Message>();
    for (const item of fresh) {
      const job = jobs.get(item);
      if (job !== undefined && !('refused' in job)) messages.set(item, job.message);
    }
    const failed = new Map<Message, unknown>();
    if (messages.size > 0) await this.#callSet(scope, [...messages.values()], failed);
    return fresh.map((item) => {
      const message = messages.get(item);
      if (message === undefined) return { ok: false, error: (jobs.get(item) as { refused: unknown }).refused };
      return failed.has(message) ? { ok: false, error: failed.get(message) } : { ok: true };
    });
  }

  async #callSet(scope: Scope<Tx>, messages: readonly Message[], failed: Map<Message, unknown>): Promise<void> {
    const { lifecycle } = this.#engine;
    const about = { consumer: this.#consumer.name, messages: messages.map(({ source, id }) => ({ source, id })) };
    if (lifecycle.observed) await lifecycle.emit({ type: 'handling', ...about });
    try {
      await this.#watchdog.watch((invocation) => this.#consumer.handler(setContext(this.#engine, this.#consumer, scope, messages, invocation, failed)));
    } catch (error) {
      throw messages.length > 1 ? new SetFailure(error) : error;
    }
    if (lifecycle.observed) await lifecycle.emit({ type: 'handled', ...about });
  }

  #done(result: unknown): ItemResult {
    return this.#consumer.policies.recordResult ? { ok: true, result: result ?? null } : { ok: true };
  }
}
