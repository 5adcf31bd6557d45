import { inTransactionOf } from './ambient.ts';
import { isSemelError, SemelError } from './errors.ts';
import type { Runtime } from './runtime.ts';
import type { CommitOptions, Store, Verdict, Work } from './store.ts';

const RESOLVE_TRIES = 5;
const RESOLVE_PAUSE_MS = 20;

/**
 * `store.commit`, with a lost reply looked up before anything else is done (traps 19, 50).
 *
 * Where it turns out committed, the works are committed again: their records answer, and nothing is run twice. Where it was
 * aborted, every item is `released`. Where nobody can tell, every item is `unknown`. Works without items reject instead:
 * with `store-unavailable` if surely undone, with `commit-unknown` if open.
 */
export async function commitResolved<Tx>(store: Store<Tx>, works: readonly Work<Tx>[], options: CommitOptions, runtime: Runtime): Promise<readonly Verdict[]> {
  const commit = (unit: string) => inTransactionOf(store, () => store.commit(works, { ...options, unit }));
  try {
    return await commit(options.unit);
  } catch (error) {
    if (!isSemelError(error, 'commit-unknown')) throw error;
    const { unit } = error.details; // half of a group is a unit of its own
    const fate = await resolve(store, typeof unit === 'string' ? unit : options.unit, runtime);
    const items = works.flatMap((work) => work.items);
    if (items.length === 0) return withoutItems(fate, error);
    if (fate === 'committed') return commit(`${options.unit}r`);
    return items.map(() => ({ kind: fate === 'aborted' ? 'released' : 'unknown' }));
  }
}

function withoutItems(fate: Fate, error: SemelError): readonly Verdict[] {
  if (fate === 'committed') return [];
  if (fate === 'unknown') throw error;
  throw new SemelError('store-unavailable', 'the reply to COMMIT was lost, and the transaction was not committed; nothing was written: try again', { cause: error });
}

type Fate = Awaited<ReturnType<Store['resolve']>>;

async function resolve(store: Store, unit: string, runtime: Runtime): Promise<Fate> {
  for (let attempt = 1; attempt <= RESOLVE_TRIES; attempt++) {
    const fate = await store.resolve(unit).catch((): Fate => 'unknown');
    if (fate !== 'unknown') return fate;
    await runtime.scheduler.sleep(RESOLVE_PAUSE_MS * attempt);
  }
  return 'unknown';
}
