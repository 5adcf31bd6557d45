import { isDeepStrictEqual } from 'node:util';
import type { Delivery, Receipt } from '../../../src/core/delivery.ts';
import { isSemelError } from '../../../src/core/errors.ts';
import type { Scope, Verdict, Work, WorkItem } from '../../../src/core/store.ts';
import { readable, readableVerdict } from './readable.ts';
import type { Stage } from './stage.ts';
import type { CommitCall, RoleCall, Run, StoreHistory } from './store-history.ts';

/** Where a store did something else than the model. */
export interface Difference {
  /** Counts from 0. */
  readonly call: number;
  readonly what: string;
  readonly model: unknown;
  readonly store: unknown;
}

/**
 * Makes the calls of a history, one after another, and compares the answers with those of the model.
 *
 * @returns the first difference, after which there is no going on; or `parted` where the store, free to choose, leased messages of other keys
 */
export async function replay(history: StoreHistory, stage: Stage): Promise<Difference | 'parted' | undefined> {
  const replayer = new Replayer(stage);
  for (const [index, call] of history.entries()) {
    const difference = call.kind === 'call' ? await replayer.call(call) : await replayer.commit(call);
    if (difference !== undefined) return difference === 'parted' ? difference : { call: index, ...difference };
  }
  return undefined;
}

type Unplaced = Omit<Difference, 'call'>;

/** Knows which of the store's numbers stands for which of the model's. */
class Replayer {
  readonly #stage: Stage;
  readonly #receipts = new Map<string, Receipt>();
  readonly #epochs = new Map<string, number>();

  constructor(stage: Stage) {
    this.#stage = stage;
  }

  async call({ who, role, method, args, atMs, answer }: RoleCall): Promise<Unplaced | 'parted' | undefined> {
    this.#stage.setClock(atMs);
    const target = this.#stage.store[role] as unknown as Record<string, (...args: readonly unknown[]) => Promise<unknown>>;
    const given = await settled(target[method]?.(...args.map((argument) => this.#translated(argument))));
    if ('value' in answer && 'value' in given) {
      if (method === 'lease') given.value = asLeased(given.value as readonly Delivery[], answer.value as readonly Delivery[]);
      if (given.value === 'parted') return 'parted';
      this.#learn(method, answer.value, given.value);
    }
    const model = readable(answer, atMs);
    const store = readable(given, atMs);
    const same = isDeepStrictEqual(model, store) || (method === 'nextDueMs' && isSooner(store, model));
    return same ? undefined : { what: `${who}: ${role}.${method}(${JSON.stringify(args)})`, model, store };
  }

  async commit(call: CommitCall): Promise<Unplaced | undefined> {
    const { who, works, options, answer, settlements, runs, settledAtMs, aborted } = call;
    const stop = new AbortController();
    const items = works.map((work) => work.map((item) => this.#itemOf(item)));
    const flat = items.flat();
    const left = [...runs];
    const toNext = () => {
      this.#stage.setClock(left[0]?.atMs ?? settledAtMs);
      if (left.length === 0 && aborted) stop.abort();
    };
    toNext();
    const given = await settled(
      this.#stage.store.commit(
        items.map((of, work): Work => ({ items: of, run: (scope, fresh) => this.#run(left, work, of, scope, fresh).finally(toNext) })),
        { ...options, signal: stop.signal, onFailure: (item) => settlements.get(flat.indexOf(item)) },
      ),
    );
    const what = `${who}: commit of ${options.subscription ?? 'a business transaction'} (${flat.map(({ message }) => message?.id)})`;
    if (left.length > 0) return { what, model: `${runs.length} runs`, store: `${runs.length - left.length}, ${JSON.stringify(readable(given, 0))}` };
    if (answer === undefined) return 'refused' in given ? { what, model: 'committed', store: given } : undefined;
    const model = 'verdicts' in answer ? answer.verdicts.map(readableVerdict) : 'rejected';
    const store = 'value' in given ? (given.value as readonly Verdict[]).map(readableVerdict) : 'rejected';
    return isDeepStrictEqual(model, store) ? undefined : { what, model, store: 'refused' in given ? given.refused : store };
  }

  async #run(left: Run[], work: number, items: readonly WorkItem[], scope: Scope, fresh: readonly WorkItem[]): ReturnType<Work['run']> {
    const run = left.shift();
    const places = fresh.map((item) => items.indexOf(item));
    if (run === undefined || run.work !== work || !isDeepStrictEqual(run.fresh, places)) {
      throw new Error(
        `work ${work} ran with ${JSON.stringify(places)}, on the model ${run === undefined ? 'it did not' : `it was work ${run.work} with ${JSON.stringify(run.fresh)}`}`,
      );
    }
    for (const step of run.steps) {
      this.#stage.setClock(step.atMs);
      if (step.kind === 'effect') await this.#stage.effects.write(scope.tx, step.effect);
      else await scope.stage(step.sealed, step.options);
    }
    this.#stage.setClock(run.endMs);
    if (run.results === undefined) throw new Error('as on the model');
    return run.results;
  }

  #itemOf(item: WorkItem): WorkItem {
    const receipt = this.#receiptOf(item.receipt);
    return { ...item, receipt, delivery: { ...item.delivery, receipt } };
  }

  /** What the model gave a number to, in the store's words. Nobody knows what was never handed out. */
  #receiptOf(receipt: Receipt): Receipt {
    if (receipt.kind === 'item') return this.#receipts.get(nameOf(receipt)) ?? UNKNOWN_ITEM;
    return receipt.kind === 'position' ? { ...receipt, epoch: this.#epochs.get(`${receipt.partition}/${receipt.epoch}`) ?? UNKNOWN } : receipt;
  }

  #translated(argument: unknown): unknown {
    if (!Array.isArray(argument)) return argument;
    return argument.map((element) => {
      if (element?.kind === 'item') return this.#receiptOf(element);
      return typeof element?.epoch === 'number' ? { ...element, epoch: this.#epochs.get(`${element.partition}/${element.epoch}`) ?? UNKNOWN } : element;
    });
  }

  #learn(method: string, model: unknown, store: unknown): void {
    if (method === 'lease') pairs<Delivery>(model, store).forEach(([of, is]) => this.#receipts.set(nameOf(of.receipt), is.receipt));
    if (method === 'acquire') pairs<Owned>(model, store).forEach(([of, is]) => this.#epochs.set(`${of.partition}/${of.epoch}`, is.epoch));
  }
}

/** It is a hint: SQLite has its subscriptions take messages in when they lease, and says `now` as long as there are any. */
function isSooner(store: unknown, model: unknown): boolean {
  return store === 'now' || (typeof store === 'number' && typeof model === 'number' && store < model);
}

/** The deliveries in the order of the model's, which is free between keys; `parted` where they are as many, and of other keys. */
function asLeased(store: readonly Delivery[], model: readonly Delivery[]): readonly Delivery[] | 'parted' {
  const perKey = (deliveries: readonly Delivery[]) => Map.groupBy(deliveries, ({ content }) => ('message' in content ? content.message.key : undefined));
  const [keys, modelKeys] = [perKey(store), perKey(model)];
  const sameCounts = keys.size === modelKeys.size && [...modelKeys].every(([key, of]) => keys.get(key)?.length === of.length);
  if (!sameCounts) return store.length === model.length ? 'parted' : store;
  return model.map(({ content }) => keys.get('message' in content ? content.message.key : undefined)?.shift() as Delivery);
}

type Owned = { readonly partition: string; readonly epoch: number };

const UNKNOWN = 999_999_999;
const UNKNOWN_ITEM: Receipt = { kind: 'item', item: UNKNOWN, fence: UNKNOWN };

function nameOf(receipt: Receipt): string {
  return receipt.kind === 'item' ? `${receipt.item}/${receipt.fence}` : receipt.kind;
}

function pairs<Element>(one: unknown, other: unknown): readonly (readonly [Element, Element])[] {
  const [first, second] = [one as readonly Element[], other as readonly Element[]];
  return first.flatMap((element, index) => (second[index] === undefined ? [] : [[element, second[index]] as const]));
}

async function settled(promise: Promise<unknown> | undefined): Promise<{ value: unknown } | { refused: string }> {
  try {
    return { value: await promise };
  } catch (error) {
    return { refused: isSemelError(error) ? error.code : String(error) };
  }
}
