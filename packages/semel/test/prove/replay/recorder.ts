import { isSemelError } from '../../../src/core/errors.ts';
import type { CommitOptions, Scope, StoreContext, Verdict, Work, WorkItem } from '../../../src/core/store.ts';
import type { MemoryStore } from '../../../src/testing/models/memory-store.ts';
import type { MemoryTransaction } from '../../../src/testing/models/memory-transaction.ts';
import type { CommitCall, RoleCall, RoleName, Run, Step, StoreHistory } from './store-history.ts';

type Writable<Type> = { -readonly [Key in keyof Type]: Type[Key] };
/** `over`: it has been answered, or never will be. */
type Pending<Call extends RoleCall | CommitCall> = Omit<Writable<Call>, 'answer'> & { answer: Call['answer'] | undefined; over: boolean };
type AnyPending = Pending<RoleCall> | Pending<CommitCall>;

/** What needs no lock takes effect at once, also while another's transaction is open. */
const WITHOUT_LOCK: ReadonlySet<string> = new Set(['extend', 'nextDueMs', 'pausedUntilMs', 'get', 'list']);

/** Writes down the calls of stores on one model. */
export class Recorder {
  readonly #calls: AnyPending[] = [];
  #committed = (_unit: string): boolean => false;

  /** The calls that took effect, or were refused by a rule; without those that a fault undid. */
  get history(): StoreHistory {
    const took = (call: AnyPending) => {
      if (call.kind === 'commit' && this.#committed(call.options.unit)) return true;
      return call.answer !== undefined && !('refused' in call.answer && isTrouble(call.answer.refused));
    };
    return this.#calls.filter(took) as unknown as StoreHistory;
  }

  /** The same store, whose calls are written down. */
  recorded(store: MemoryStore, who: string): MemoryStore {
    this.#committed = (unit) => store.state.units.has(unit);
    const instance = new Instance(who, (call, atOnce) => this.#begin(call, atOnce));
    return {
      ...store,
      state: store.state,
      queue: instance.role('queue', store.queue as object) as NonNullable<MemoryStore['queue']>,
      positions: instance.role('positions', store.positions as object) as NonNullable<MemoryStore['positions']>,
      registry: instance.role('registry', store.registry),
      inbox: instance.role('inbox', store.inbox),
      deadLetters: instance.role('deadLetters', store.deadLetters),
      open: (context) => {
        instance.open(context);
        return store.open(context);
      },
      commit: (works, options) => instance.commit(store, works, options),
      resolve: (unit) => store.resolve(unit),
      close: () => store.close(),
      values: () => store.values(),
      cut: () => store.cut(),
      crash: () => {
        store.crash();
        instance.crash();
      },
    };
  }

  /** Whoever takes the writer's lock stands in line for it; what needs none comes before those who are still at it, or in line. */
  #begin(call: AnyPending, atOnce: boolean): void {
    const open = atOnce ? this.#calls.findIndex((each) => !each.over && !(each.kind === 'commit' && this.#committed(each.options.unit))) : -1;
    this.#calls.splice(open < 0 ? this.#calls.length : open, 0, call);
  }
}

/** One store, and the calls that were made of it. */
class Instance {
  readonly #who: string;
  readonly #begin: (call: AnyPending, atOnce: boolean) => void;
  readonly #calls = new Set<AnyPending>();
  #now = (): number => 0;
  #settledAtMs = 0;

  constructor(who: string, begin: (call: AnyPending, atOnce: boolean) => void) {
    this.#who = who;
    this.#begin = begin;
  }

  open({ runtime, lifecycle }: StoreContext): void {
    this.#now = runtime.clock.now;
    lifecycle.observe(({ type }) => {
      if (type === 'staged') this.#settledAtMs = this.#now(); // whoever else observes it has let it go on by now
    });
  }

  crash(): void {
    for (const call of this.#calls) call.over = true;
    for (const call of this.#calls) if (call.kind === 'commit') call.settledAtMs = this.#settledAtMs;
  }

  role<Role extends object>(role: RoleName, target: Role): Role {
    return new Proxy(target, {
      get: (_, method: string) => {
        const inner = Reflect.get(target, method);
        if (typeof inner !== 'function' || method === 'watch') return inner;
        return (...args: readonly unknown[]) => this.#call(role, method, args, () => inner.apply(target, args));
      },
    });
  }

  async commit(store: MemoryStore, works: readonly Work<MemoryTransaction>[], options: CommitOptions): Promise<readonly Verdict[]> {
    const { signal: _signal, onFailure: _onFailure, ...data } = options;
    const runs: Run[] = [];
    const settlements = new Map<number, ReturnType<CommitOptions['onFailure']>>();
    const items = works.flatMap((work) => work.items);
    const call: Pending<CommitCall> = {
      kind: 'commit',
      who: this.#who,
      works: works.map((work) => work.items.map(asData)),
      options: data,
      runs,
      settlements,
      aborted: false,
      settledAtMs: 0,
      answer: undefined,
      over: false,
    };
    this.#begun(call, false);
    const onFailure: CommitOptions['onFailure'] = (item, error) => {
      const settlement = options.onFailure(item, error);
      settlements.set(items.indexOf(item), settlement);
      return settlement;
    };
    try {
      const verdicts = await store.commit(
        works.map((work, index) => ({ items: work.items, run: (scope, fresh) => this.#run(work, index, scope, fresh, runs) })),
        { ...options, onFailure },
      );
      call.answer = { verdicts };
      return verdicts;
    } catch (error) {
      if (!(isSemelError(error) && isTrouble(error.code))) call.answer = { rejected: true };
      throw error;
    } finally {
      call.over = true;
      call.aborted = options.signal?.aborted === true;
      call.settledAtMs = this.#settledAtMs;
      this.#calls.delete(call);
    }
  }

  async #call(role: RoleName, method: string, args: readonly unknown[], run: () => Promise<unknown>): Promise<unknown> {
    const call: Pending<RoleCall> = { kind: 'call', who: this.#who, role, method, args: structuredClone(args), atMs: 0, answer: undefined, over: false };
    this.#begun(call, WITHOUT_LOCK.has(method));
    try {
      const value = await run();
      call.answer = { value: structuredClone(value) };
      return value;
    } catch (error) {
      call.answer = { refused: isSemelError(error) ? error.code : String(error) };
      throw error;
    } finally {
      call.over = true;
      call.atMs = this.#now();
      this.#calls.delete(call);
    }
  }

  #begun(call: AnyPending, atOnce: boolean): void {
    this.#calls.add(call);
    this.#begin(call, atOnce);
  }

  async #run(work: Work<MemoryTransaction>, index: number, scope: Scope<MemoryTransaction>, fresh: readonly WorkItem[], runs: Run[]): ReturnType<Work['run']> {
    const steps: Step[] = [];
    const run: Writable<Run> = { work: index, fresh: fresh.map((item) => work.items.indexOf(item)), atMs: this.#now(), steps, endMs: 0 };
    runs.push(run);
    try {
      const results = await work.run(this.#watched(scope, steps), fresh);
      run.results = results.map((result) => (result.ok ? result : { ok: false, error: 'failed' }));
      return results;
    } finally {
      run.endMs = this.#now();
    }
  }

  /** An effect is what was appended to a list. */
  #watched(scope: Scope<MemoryTransaction>, steps: Step[]): Scope<MemoryTransaction> {
    const tx = new Proxy(scope.tx, {
      get: (target, method: string) => {
        const inner = Reflect.get(target, method).bind(target);
        if (method !== 'set') return inner;
        return (list: string, elements: readonly unknown[]) => {
          steps.push({ atMs: this.#now(), kind: 'effect', effect: `${list} ${JSON.stringify(elements.at(-1))}` });
          return inner(list, elements);
        };
      },
    });
    return {
      tx,
      stage: (sealed, options) => {
        steps.push({ atMs: this.#now(), kind: 'stage', sealed, ...(options === undefined ? {} : { options }) });
        return scope.stage(sealed, options);
      },
    };
  }
}

/** Without what reads its bytes. */
function asData(item: WorkItem): WorkItem {
  const { content } = item.delivery;
  return 'bytes' in content ? { ...item, delivery: { ...item.delivery, content: { bytes: content.bytes } } } : item;
}

/** Whether a fault undid it, or left open what became of it. */
function isTrouble(code: string): boolean {
  return code.startsWith('store-') || code === 'commit-unknown';
}
