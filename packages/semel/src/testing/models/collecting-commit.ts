import { SemelError } from '../../core/errors.ts';
import { GroupPlan } from '../../core/group-plan.ts';
import { identityKey } from '../../core/message.ts';
import type { Entry } from '../../core/session.ts';
import type { CommitOptions, ItemResult, StoreContext, Verdict, Work, WorkItem } from '../../core/store.ts';
import { CollectingScope } from './collecting-scope.ts';
import type { CollectingTransaction } from './collecting-transaction.ts';
import { type Bundle, type CollectedWrite, packBundles, weightOf } from './collecting-write.ts';
import { inspectItems } from './memory-inspect.ts';
import { settleEntry } from './memory-settle.ts';
import type { MemoryState } from './memory-state.ts';

type CollectingWork = Work<CollectingTransaction>;

/** What running a work gave: kept, so that packing it again does not run it again. */
interface Run {
  readonly fresh: readonly WorkItem[];
  readonly results: readonly ItemResult[];
  readonly writes: readonly CollectedWrite[];
}

/**
 * One commit of the collecting store. In rounds: read the records, run what is fresh, pack the writes, commit pack after pack. Where a
 * condition fails, its pack is cancelled; the work that it belongs to has failed, or its records say by now what became of it; the rest
 * goes into the next round.
 */
export class CollectingCommit {
  readonly #state: MemoryState;
  readonly #options: CommitOptions;
  readonly #context: StoreContext;
  readonly #max: number;
  readonly #endMs: number;
  readonly #runs = new Map<CollectingWork, Run>();
  readonly #condemned = new Map<CollectingWork, unknown>();
  readonly #verdicts = new Map<CollectingWork, readonly Verdict[]>();

  constructor(state: MemoryState, options: CommitOptions, context: StoreContext, max: number) {
    this.#state = state;
    this.#options = options;
    this.#context = context;
    this.#max = max;
    this.#endMs = options.budgetMs === undefined ? Number.POSITIVE_INFINITY : context.runtime.clock.now() + options.budgetMs;
  }

  async make(works: readonly CollectingWork[]): Promise<readonly Verdict[]> {
    for (let rest = works; rest.length > 0; rest = works.filter((work) => !this.#verdicts.has(work))) await this.#round(rest);
    return works.flatMap((work) => this.#verdicts.get(work) ?? []);
  }

  async #round(works: readonly CollectingWork[]): Promise<void> {
    const items = works.flatMap((work) => work.items);
    const plan = new GroupPlan(items, this.#options);
    await this.#emit('begun', items);
    plan.learn(inspectItems(this.#state, this.#consumer, items));
    await this.#emit('claimed', items);
    const ran = await this.#runAll(works, plan);
    await this.#emit('staged', items);
    const bundles = this.#bundles(works, ran, plan.entries());
    if (bundles === undefined) return; // a work was found too large: the next round records that
    const verdicts = verdictsByWork(works, plan.verdicts());
    const last = new Map(bundles.map((bundle) => [bundle.work, bundle]));
    for (const pack of packBundles(bundles, this.#max)) {
      if (!(await this.#commitPack(pack, items))) return;
      for (const bundle of pack) if (last.get(bundle.work) === bundle) this.#verdicts.set(bundle.work, verdicts.get(bundle.work) ?? []);
    }
  }

  /** Runs what has not run yet; gives the runs that count. */
  async #runAll(works: readonly CollectingWork[], plan: GroupPlan): Promise<Map<CollectingWork, Run>> {
    const ran = new Map<CollectingWork, Run>();
    const runOne = async (work: CollectingWork) => {
      const run = await this.#runOne(work, plan);
      if (run !== undefined) ran.set(work, run);
    };
    if (this.#options.concurrent) await Promise.all(works.map(runOne));
    else for (const work of works) await runOne(work);
    return ran;
  }

  async #runOne(work: CollectingWork, plan: GroupPlan): Promise<Run | undefined> {
    const fresh = plan.fresh(work.items);
    if (fresh.length === 0 && work.items.length > 0) return undefined;
    if (this.#condemned.has(work)) return this.#fail(work, fresh, plan);
    const known = this.#runs.get(work);
    if (known === undefined && this.#runs.size > 0 && this.#spent) {
      plan.release(work.items);
      return undefined;
    }
    try {
      const run = known !== undefined && sameItems(known.fresh, fresh) ? known : await this.#run(work, fresh);
      fresh.forEach((item, index) => plan.finish(item, run.results[index] ?? { ok: true }));
      return run;
    } catch (error) {
      this.#condemned.set(work, error);
      return this.#fail(work, fresh, plan);
    }
  }

  async #run(work: CollectingWork, fresh: readonly WorkItem[]): Promise<Run> {
    const scope = new CollectingScope(this.#state, this.#context.runtime.clock.now());
    try {
      const results = await work.run(scope, fresh);
      const run = { fresh, results, writes: scope.writes };
      this.#runs.set(work, run);
      return run;
    } finally {
      scope.revoke();
    }
  }

  #fail(work: CollectingWork, fresh: readonly WorkItem[], plan: GroupPlan): undefined {
    const error = this.#condemned.get(work);
    if (work.items.length === 0) throw error;
    for (const item of fresh) plan.finish(item, { ok: false, error });
  }

  /** What a work wrote stands or falls with its records; records alone stand for themselves. Undefined where a work is too large. */
  #bundles(works: readonly CollectingWork[], ran: ReadonlyMap<CollectingWork, Run>, entries: readonly Entry[]): Bundle<CollectingWork>[] | undefined {
    const bundles: Bundle<CollectingWork>[] = [];
    let fits = true;
    for (const work of works) {
      const records = entries.filter(({ item }) => work.items.includes(item)).map((entry) => this.#record(entry));
      const run = ran.get(work);
      if (run === undefined) {
        if (records.length === 0) bundles.push({ work, writes: [] });
        for (const record of records) bundles.push({ work, writes: [record] });
        continue;
      }
      const writes = [...run.writes, ...records];
      if (weightOf(writes) > this.#max) {
        this.#condemned.set(work, tooLarge(writes, this.#max));
        fits = false;
      }
      bundles.push({ work, writes });
    }
    return fits ? bundles : undefined;
  }

  /** What is written about an item: its record, its row, its dead letter, under their conditions. */
  #record(entry: Entry): CollectedWrite {
    const { item } = entry;
    const consumer = this.#consumer;
    const recorded =
      item.claim !== undefined && item.message !== undefined && (entry.kind === 'done' ? entry.recorded : entry.kind === 'settlement' && entry.settlement.kind === 'dead');
    const touches: string[] = [];
    if (recorded && item.message !== undefined) touches.push(`record ${identityKey(item.message)}`);
    if (item.receipt.kind === 'item') touches.push(`item ${item.receipt.item}`);
    const buried = entry.kind === 'settlement' && entry.settlement.kind === 'dead' ? 1 : 0;
    const kept = item.receipt.kind !== 'item' && entry.kind !== 'done' ? 1 : 0;
    return {
      what: 'record',
      weight: touches.length + buried + kept,
      touches,
      refusal: () => (this.#stale(entry) ? { kind: 'stale' } : undefined),
      apply: () => void settleEntry(this.#state, consumer, entry, this.#context.runtime.clock.now()),
    };
  }

  #stale({ item, ...entry }: Entry): boolean {
    const lost = item.receipt.kind === 'item' && this.#state.subscriptions.get(this.#consumer)?.queue.find(item.receipt) === undefined;
    if (lost) return true;
    return entry.kind === 'done' && entry.recorded && item.message !== undefined && this.#state.records(this.#consumer).has(identityKey(item.message));
  }

  /** One transaction: all of it, or nothing. */
  async #commitPack(pack: readonly Bundle<CollectingWork>[], items: readonly WorkItem[]): Promise<boolean> {
    await this.#emit('committing', items);
    for (const { work, writes } of pack) {
      const refusal = writes.map((write) => write.refusal()).find((found) => found !== undefined);
      if (refusal === undefined) continue;
      if (refusal.kind === 'failed') this.#condemned.set(work, refusal.error);
      return false;
    }
    for (const { writes } of pack) for (const write of writes) write.apply();
    await this.#emit('committed', items);
    return true;
  }

  get #consumer(): string {
    return this.#options.subscription ?? '';
  }

  get #spent(): boolean {
    return this.#context.runtime.clock.now() >= this.#endMs || this.#options.signal?.aborted === true;
  }

  async #emit(type: 'begun' | 'claimed' | 'staged' | 'committing' | 'committed', items: readonly WorkItem[]): Promise<void> {
    if (!this.#context.lifecycle.observed) return;
    const messages = items.flatMap(({ message }) => (message ? [{ source: message.source, id: message.id }] : []));
    await this.#context.lifecycle.emit({ type, consumer: this.#consumer, messages });
  }
}

function sameItems(a: readonly WorkItem[], b: readonly WorkItem[]): boolean {
  return a.length === b.length && a.every((item, index) => item === b[index]);
}

function verdictsByWork(works: readonly CollectingWork[], verdicts: readonly Verdict[]): Map<CollectingWork, readonly Verdict[]> {
  let start = 0;
  return new Map(
    works.map((work) => {
      const end = start + work.items.length;
      const own = verdicts.slice(start, end);
      start = end;
      return [work, own] as const;
    }),
  );
}

function tooLarge(writes: readonly CollectedWrite[], max: number): SemelError {
  const weigh = (what: CollectedWrite['what']) => weightOf(writes.filter((write) => write.what === what));
  const counts = { effects: weigh('effect'), messages: weigh('message'), records: weigh('record') };
  const text = `${counts.effects} for effects, ${counts.messages} for messages and ${counts.records} for records`;
  return new SemelError('too-large', `the work needs ${weightOf(writes)} writes (${text}), but a transaction carries at most ${max}`, { details: { ...counts, max } });
}
