import { isStoreTrouble } from '../core/commit-group.ts';
import { commitResolved } from '../core/commit-resolved.ts';
import { isSemelError, SemelError } from '../core/errors.ts';
import type { CommitOptions, ItemResult, Scope, Verdict, Work } from '../core/store.ts';
import { announced } from './announce.ts';
import type { Consumer } from './consumer.ts';
import type { Bounds, Engine } from './engine.ts';
import { StoreFailure, settlementOf } from './failures.ts';
import { type OpenTransaction, outsideContext } from './handler-context.ts';
import type { Job } from './intake.ts';
import type { Watchdog } from './watchdog.ts';

/** At-least-once (handle, then settle) and at-most-once (settle, then handle): no transaction is held while a handler runs. */
export class OutsideRunner<Tx> {
  readonly #engine: Engine<Tx>;
  readonly #consumer: Consumer;
  readonly #watchdog: Watchdog;
  readonly #parks: boolean;
  readonly #ownTroubles = new WeakSet<object>();

  constructor(engine: Engine<Tx>, consumer: Consumer, watchdog: Watchdog, parks: boolean) {
    this.#engine = engine;
    this.#consumer = consumer;
    this.#watchdog = watchdog;
    this.#parks = parks;
  }

  /** Settles one group; a verdict per job, in their order. Rejects where the store is in trouble. */
  commit(jobs: readonly Job[], bounds: Bounds): Promise<readonly Verdict[]> {
    return this.#consumer.guarantee === 'at-most-once' ? this.#settleFirst(jobs, bounds) : this.#handleFirst(jobs, bounds);
  }

  async #handleFirst(jobs: readonly Job[], bounds: Bounds): Promise<readonly Verdict[]> {
    const early = await this.#parkBehindOthers(jobs);
    const due = jobs.filter((job) => !early.has(job));
    const verdicts = await this.#settle(due, await this.#handleAll(due, bounds), { probing: bounds.probing });
    return jobs.map((job) => early.get(job) ?? (verdicts[due.indexOf(job)] as Verdict));
  }

  /** What a transport brought although an earlier message of its key waits in the store's queue must not be handled before that. */
  async #parkBehindOthers(jobs: readonly Job[]): Promise<ReadonlyMap<Job, Verdict>> {
    const keyed = this.#consumer.policies.ordered ? jobs.filter(({ item }) => item.receipt.kind !== 'item' && item.message?.key !== undefined) : [];
    if (keyed.length === 0) return new Map();
    const verdicts = await this.#settle(
      keyed,
      keyed.map(() => NOT_BEGUN),
      { probing: false, ordered: false },
    );
    return new Map(keyed.flatMap((job, index) => (verdicts[index]?.kind === 'released' ? [] : [[job, verdicts[index] as Verdict]])));
  }

  /** The record is durable before the handler begins: a crash in between loses the effect, and never repeats it. */
  async #settleFirst(jobs: readonly Job[], bounds: Bounds): Promise<readonly Verdict[]> {
    const claimed = await this.#settle(jobs, jobs.map(claimable), { probing: false });
    const begun = jobs.filter((_job, index) => claimed[index]?.kind === 'done');
    const results = await this.#handleAll(begun, bounds);
    const failed = begun.filter((_job, index) => results[index]?.ok === false);
    if (failed.length === 0) return claimed;
    // The receipts are settled already; what is left to write is the dead letter.
    const letters = failed.map((job): Job => ({ ...job, item: { ...job.item, receipt: { kind: 'external' } } }));
    const errors = results.filter((result) => !result.ok);
    const buried = await this.#settle(letters.map(withoutClaim), errors, { probing: false });
    return claimed.map((verdict, index) => buried[failed.indexOf(jobs[index] as Job)] ?? verdict);
  }

  #settle(
    jobs: readonly Job[],
    results: readonly ItemResult[],
    { probing, ordered = this.#consumer.policies.ordered }: { readonly probing: boolean; readonly ordered?: boolean },
  ): Promise<readonly Verdict[]> {
    const works = jobs.map((job, index): Work<Tx> => ({ items: [job.item], run: async () => [results[index] as ItemResult] }));
    const options: CommitOptions = {
      subscription: this.#consumer.name,
      unit: this.#engine.unit(),
      ordered,
      onFailure: (item, error) => settlementOf(this.#engine, this.#consumer, item, error, { parks: this.#parks, probing }),
    };
    return commitResolved(this.#engine.store, works, options, this.#engine.runtime);
  }

  /** Runs the lanes at once, and what shares a key in turn; where failures are retried, the rest of a failed key is not begun. */
  async #handleAll(jobs: readonly Job[], bounds: Bounds): Promise<readonly ItemResult[]> {
    const results = new Map<Job, ItemResult>();
    await Promise.all(this.#lanes(jobs).map((lane) => this.#handleLane(lane, results, bounds)));
    return jobs.map((job) => results.get(job) as ItemResult);
  }

  #lanes(jobs: readonly Job[]): readonly (readonly Job[])[] {
    if (!this.#consumer.policies.ordered) return jobs.map((job) => [job]);
    return [...Map.groupBy(jobs, (job) => job.item.message?.key ?? job).values()];
  }

  async #handleLane(lane: readonly Job[], results: Map<Job, ItemResult>, bounds: Bounds): Promise<void> {
    let stopped = false;
    for (const job of lane) {
      const result: ItemResult = stopped ? NOT_BEGUN : await this.#handle(job, bounds);
      stopped ||= !result.ok && !('refused' in job) && this.#consumer.guarantee === 'at-least-once';
      results.set(job, result);
    }
  }

  async #handle(job: Job, bounds: Bounds): Promise<ItemResult> {
    if ('refused' in job) return { ok: false, error: job.refused };
    const open = <Result>(run: (scope: Scope<Tx>) => Promise<Result>) => transact(this.#engine, run).catch((error) => this.#failTransaction(error));
    const call = () =>
      this.#watchdog.watch(bounds, (invocation) =>
        this.#consumer.handler(outsideContext(this.#engine, this.#consumer, open as OpenTransaction, job.message, job.item.delivery.attempt, invocation)),
      );
    try {
      await announced(this.#engine.lifecycle, this.#consumer.name, [job.message], call);
      return { ok: true };
    } catch (error) {
      return { ok: false, error: this.#ownTroubles.has(error as object) ? new StoreFailure(error) : error };
    }
  }

  /** Remembers that it was this store's trouble, whatever the handler makes of it; another store's would look the same. A conflict was tried again before, and is the handler's by now. */
  #failTransaction(error: unknown): never {
    if (isStoreTrouble(error) && !isSemelError(error, 'store-conflict')) this.#ownTroubles.add(error as object);
    throw error;
  }
}

const NOT_BEGUN: ItemResult = { ok: false, error: new SemelError('handler-aborted', 'not begun: an earlier message of its key failed') };

function claimable(job: Job): ItemResult {
  return 'refused' in job ? { ok: false, error: job.refused } : { ok: true };
}

function withoutClaim(job: Job): Job {
  const { claim: _claim, ...item } = job.item;
  return { ...job, item };
}

/** A transaction of its own: commits what `run` does, or nothing, and gives its result. */
export async function transact<Tx, Result>(engine: Engine<Tx>, run: (scope: Scope<Tx>) => Promise<Result>): Promise<Result> {
  let result: Result | undefined;
  const work: Work<Tx> = {
    items: [],
    run: async (scope) => {
      result = await run(scope);
      return [];
    },
  };
  await commitResolved(engine.store, [work], { unit: engine.unit(), onFailure: () => undefined }, engine.runtime);
  return result as Result;
}
