import { canonicalJson } from '../core/canonical-json.ts';
import { commitResolved } from '../core/commit-resolved.ts';
import type { CommitOptions, ItemResult, Scope, Verdict, Work } from '../core/store.ts';
import { announced } from './announce.ts';
import type { Consumer } from './consumer.ts';
import type { Bounds, Engine } from './engine.ts';
import { settlementOf } from './failures.ts';
import { insideContext } from './handler-context.ts';
import type { AcceptedJob, Job } from './intake.ts';
import { SetRunner } from './set-runner.ts';
import type { Watchdog } from './watchdog.ts';

/** Exactly-once: record, effect and messages of a group in one transaction. */
export class InsideRunner<Tx> {
  readonly #engine: Engine<Tx>;
  readonly #consumer: Consumer;
  readonly #watchdog: Watchdog;
  readonly #parks: boolean;
  readonly #sets: SetRunner<Tx>;

  constructor(engine: Engine<Tx>, consumer: Consumer, watchdog: Watchdog, parks: boolean) {
    this.#engine = engine;
    this.#consumer = consumer;
    this.#watchdog = watchdog;
    this.#parks = parks;
    this.#sets = new SetRunner(engine, consumer, watchdog);
  }

  /** Commits one group; a verdict per job, in their order. Rejects where the store is in trouble. */
  commit(jobs: readonly Job[], bounds: Bounds): Promise<readonly Verdict[]> {
    const { policies, name } = this.#consumer;
    const works = this.#consumer.set ? [this.#sets.work(jobs, bounds)] : jobs.map((job) => this.#work(job, bounds));
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

  #work(job: Job, bounds: Bounds): Work<Tx> {
    const items = [job.item];
    if ('refused' in job) return { items, run: async () => [{ ok: false, error: job.refused }] };
    let runs = 0;
    return { items, run: async (scope) => [this.#resultOf(await this.#handle(scope, runs++ === 0 ? job : { ...job, message: await job.again() }, bounds))] };
  }

  #handle(scope: Scope<Tx>, job: AcceptedJob, bounds: Bounds): Promise<unknown> {
    return announced(this.#engine.lifecycle, this.#consumer.name, [job.message], () => this.#call(scope, job, bounds));
  }

  #call(scope: Scope<Tx>, { message, item }: AcceptedJob, bounds: Bounds): Promise<unknown> {
    return this.#watchdog.watch(bounds, (invocation) => this.#consumer.handler(insideContext(this.#engine, this.#consumer, scope, message, item.delivery.attempt, invocation)));
  }

  /** A result that is no JSON fails here, where its handler is to blame. */
  #resultOf(returned: unknown): ItemResult {
    return this.#consumer.policies.recordResult ? { ok: true, result: JSON.parse(canonicalJson(returned ?? null)) } : { ok: true };
  }
}
