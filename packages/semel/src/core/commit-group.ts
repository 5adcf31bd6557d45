import { ConflictRetries } from './conflict-retries.ts';
import { isSemelError } from './errors.ts';
import { GroupPlan, Stops } from './group-plan.ts';
import type { LifecycleType } from './lifecycle.ts';
import { identityOf } from './message.ts';
import { RefusedBefore, type Session } from './session.ts';
import type { CommitOptions, ItemResult, StoreContext, Verdict, Work, WorkItem } from './store.ts';

/**
 * Commits works in one interactive transaction: claimed as a set, run one after another, committed once.
 *
 * If one fails, the transaction is rolled back, and the others run again with a savepoint around each, so that a further failing one
 * alone is undone. An error at COMMIT has no culprit: the group is halved until one is found. What could not be serialized is run again as it
 * was; a conflict that outlasts this is a failure like any other. Rejects, with nothing committed, where
 * the store and no message is to blame ({@link isStoreTrouble}); of trouble that comes after a half was committed, the verdicts of the rest tell.
 *
 * @returns a verdict per item, in the works' order
 */
export async function commitGroup<Tx>(session: Session<Tx>, works: readonly Work<Tx>[], options: CommitOptions, context: StoreContext): Promise<readonly Verdict[]> {
  const { verdicts } = await commitAfter(new Stops(options.ordered), options.unit, session, works, options, context);
  return verdicts;
}

/** What was committed, and where it left an order interrupted. */
interface Committed {
  readonly verdicts: readonly Verdict[];
  readonly stops: Stops;
}

async function commitAfter<Tx>(before: Stops, unit: string, session: Session<Tx>, works: readonly Work<Tx>[], options: CommitOptions, context: StoreContext): Promise<Committed> {
  const condemned = new Map<Work<Tx>, unknown>();
  let mode: Mode = 'shared';
  let conflicts = new ConflictRetries(context.runtime);
  for (;;) {
    const end = await new Attempt(before, session, works, { ...options, unit }, context, mode, condemned).make();
    if (!(end instanceof Undone)) return end;
    if (await conflicts.allow(end.error)) continue;
    if (end.isTrouble) throw end.error;
    conflicts = new ConflictRetries(context.runtime);
    const unexplained = end.isUnexplained(mode);
    if (unexplained && works.length > 1) return halve(before, unit, session, works, options, context);
    const culprit = unexplained ? works[0] : end.culprit;
    if (culprit !== undefined) condemn(culprit, end.error, condemned);
    mode = 'isolated';
  }
}

/** Settles a work as failed without running it again. Throws where it has no message to be settled, or where that did not help. */
function condemn<Tx>(work: Work<Tx>, error: unknown, condemned: Map<Work<Tx>, unknown>): void {
  if (work.items.length === 0 || condemned.has(work)) throw error;
  condemned.set(work, error);
}

const STORE_TROUBLE = /^(store-.*|schema-(missing|outdated|newer|changed)|commit-unknown)$/;

/** Whether no message is to blame: the store itself cannot do it now, or the fate of the commit is open. */
export function isStoreTrouble(error: unknown): boolean {
  return isSemelError(error) && STORE_TROUBLE.test(error.code);
}

const OF_WORKS = /^store-(conflict|forbidden|readonly)$/;

/** Whether, after the claim went well, a work may have made the trouble: it gave up the role or the right to write, or meets one conflict over and over. */
function isOfWorks(error: unknown): boolean {
  return isSemelError(error) && OF_WORKS.test(error.code);
}

/** Two units of their own. The second keeps the order that the first left. What the first committed stands, whatever becomes of the second. */
async function halve<Tx>(before: Stops, unit: string, session: Session<Tx>, works: readonly Work<Tx>[], options: CommitOptions, context: StoreContext): Promise<Committed> {
  const middle = works.length >> 1;
  const first = await commitAfter(before, `${unit}.1`, session, works.slice(0, middle), options, context);
  const rest = works.slice(middle);
  try {
    const second = await commitAfter(first.stops, `${unit}.2`, session, rest, options, context);
    return { verdicts: [...first.verdicts, ...second.verdicts], stops: second.stops };
  } catch (error) {
    if (!isStoreTrouble(error)) throw error;
    const verdict: Verdict = isSemelError(error, 'commit-unknown') ? { kind: 'unknown' } : { kind: 'released', error };
    const items = rest.flatMap((work) => work.items);
    for (const item of items) first.stops.add(item, false);
    return { verdicts: [...first.verdicts, ...items.map(() => verdict)], stops: first.stops };
  }
}

/** `shared`: no savepoints, staged messages go as a set. `isolated`: a savepoint around each work. */
type Mode = 'shared' | 'isolated';

/** Where it failed: before the works began, by a work, in what the session did for the works, or at COMMIT. */
type Place = 'claim' | 'work' | 'run' | 'commit';

/** A failure that takes the whole transaction with it, and what is known of its origin. */
class Undone<Tx> {
  readonly at: Place;
  readonly error: unknown;
  readonly culprit: Work<Tx> | undefined;
  constructor(at: Place, error: unknown, culprit?: Work<Tx>) {
    this.at = at;
    this.error = error;
    this.culprit = culprit;
  }

  /** Whether no work is to blame. What a work throws may look like trouble of this store, and be another's. */
  get isTrouble(): boolean {
    return this.at !== 'work' && isStoreTrouble(this.error) && (this.at === 'claim' || !isOfWorks(this.error));
  }

  /** Whether running it again with savepoints would not tell who is to blame. */
  isUnexplained(mode: Mode): boolean {
    return this.at === 'commit' || (this.culprit === undefined && mode === 'isolated');
  }
}

class Attempt<Tx> {
  readonly #session: Session<Tx>;
  readonly #works: readonly Work<Tx>[];
  readonly #options: CommitOptions;
  readonly #context: StoreContext;
  readonly #mode: Mode;
  readonly #condemned: ReadonlyMap<Work<Tx>, unknown>;
  readonly #plan: GroupPlan;
  #at: Place = 'claim';

  constructor(
    before: Stops,
    session: Session<Tx>,
    works: readonly Work<Tx>[],
    options: CommitOptions,
    context: StoreContext,
    mode: Mode,
    condemned: ReadonlyMap<Work<Tx>, unknown>,
  ) {
    this.#session = session;
    this.#works = works;
    this.#options = options;
    this.#context = context;
    this.#mode = mode;
    this.#condemned = condemned;
    this.#plan = new GroupPlan(
      works.flatMap((work) => work.items),
      options,
      before,
    );
  }

  async make(): Promise<Committed | Undone<Tx>> {
    await this.#session.begin(this.#options.unit);
    try {
      if (this.#observed) await this.#emit('begun');
      await this.#runAll();
      if (this.#observed) await this.#emit('committing');
      this.#at = 'commit';
      await this.#session.commit();
    } catch (thrown) {
      await this.#session.rollback();
      if (thrown instanceof Undone) return thrown;
      return thrown instanceof RefusedBefore ? new Undone('run', thrown.error, thrown.final ? this.#works[0] : undefined) : new Undone(this.#at, thrown);
    }
    if (this.#observed) await this.#emit('committed');
    return { verdicts: this.#plan.verdicts(), stops: this.#plan.stops };
  }

  async #runAll(): Promise<void> {
    if (this.#plan.items.length > 0) this.#plan.learn(await this.#session.inspect(this.#plan.items));
    this.#at = 'run';
    if (this.#observed) await this.#emit('claimed');
    if (this.#options.concurrent && this.#mode === 'shared') await this.#runAtOnce();
    else await this.#runInTurn();
    if (this.#mode === 'shared') await this.#session.flush();
    if (this.#observed) await this.#emit('staged');
    const entries = this.#plan.entries();
    if (entries.length > 0) await this.#session.settle(entries);
  }

  /**
   * Waits for all of them, failed or not: what still ran after the rollback would write into the next transaction. The first to fail need not
   * be the culprit: where a statement has ended the transaction, those of its neighbours fail too.
   */
  async #runAtOnce(): Promise<void> {
    const lanes = this.#lanes();
    const failures: unknown[] = [];
    const runLane = async (lane: readonly Work<Tx>[]) => {
      for (const work of lane) await this.#runOne(work);
    };
    await Promise.all(lanes.map((lane) => runLane(lane).catch((error: unknown) => failures.push(error))));
    const [first] = failures;
    if (first !== undefined) throw first instanceof Undone && lanes.length > 1 ? new Undone(first.at, first.error) : first;
  }

  /** What shares a key runs in turn, also among works that run at once. */
  #lanes(): readonly (readonly Work<Tx>[])[] {
    if (!this.#options.ordered) return this.#works.map((work) => [work]);
    return [...Map.groupBy(this.#works, (work) => work.items[0]?.message?.key ?? work).values()];
  }

  /** What is not begun when the signal aborts, or when the budget is spent by at least one work, is given back; works without items cannot be. */
  async #runInTurn(): Promise<void> {
    const { clock } = this.#context.runtime;
    const endMs = this.#options.budgetMs === undefined ? Number.POSITIVE_INFINITY : clock.now() + this.#options.budgetMs;
    const unbegun: WorkItem[] = [];
    for (const [index, work] of this.#works.entries()) {
      const over = this.#options.signal?.aborted || (index > 0 && clock.now() >= endMs);
      if (over && work.items.length > 0) unbegun.push(...work.items);
      else await this.#runOne(work);
    }
    this.#plan.release(unbegun);
  }

  async #runOne(work: Work<Tx>): Promise<void> {
    const fresh = this.#plan.fresh(work.items);
    if (fresh.length === 0 && work.items.length > 0) return;
    if (this.#condemned.has(work)) return this.#fail(work, fresh, this.#condemned.get(work));
    const isolated = this.#mode === 'isolated';
    if (isolated) await this.#session.savepoint();
    const sole = this.#works.length === 1 && work.items.length <= 1; // nobody for whose sake it would run again
    const scope = this.#session.open(isolated ? 'immediate' : sole ? 'sole' : 'deferred');
    let results: readonly ItemResult[];
    try {
      results = await work.run(scope, fresh);
    } catch (error) {
      await this.#end(scope, work, error);
      if (!isolated) throw new Undone('work', error, work);
      await this.#session.rollbackToSavepoint();
      return this.#fail(work, fresh, error);
    }
    const ended = this.#end(scope, work);
    if (ended !== undefined) await ended;
    if (isolated) await this.#session.releaseSavepoint();
    fresh.forEach((item, index) => this.#plan.finish(item, results[index] ?? { ok: true }));
  }

  /** Ends the scope, and finds out whether the transaction outlived the user's code; at once where the store can. */
  #end(scope: ReturnType<Session<Tx>['open']>, work: Work<Tx>, thrown?: unknown): void | Promise<void> {
    const blame = (error: unknown): never => {
      if (isStoreTrouble(error) && !isOfWorks(error)) throw error;
      throw new Undone('work', isStoreTrouble(error) ? error : (thrown ?? error), work);
    };
    scope.revoke();
    try {
      return scope.verify()?.catch(blame);
    } catch (error) {
      return blame(error);
    }
  }

  #fail(work: Work<Tx>, fresh: readonly WorkItem[], error: unknown): void {
    if (work.items.length === 0) throw error;
    for (const item of fresh) this.#plan.finish(item, { ok: false, error });
  }

  get #observed(): boolean {
    return this.#context.lifecycle.observed;
  }

  #emit(type: LifecycleType): Promise<void> {
    const messages = this.#plan.items.flatMap((item) => (item.message ? [identityOf(item.message)] : []));
    const { subscription } = this.#options;
    return this.#context.lifecycle.emit(subscription === undefined ? { type, messages } : { type, consumer: subscription, messages });
  }
}
