import { describe, expect, test } from 'vitest';
import { type ManualRuntime, manualRuntime } from '../testing/manual-runtime.ts';
import { commitResolved } from './commit-resolved.ts';
import type { Delivery } from './delivery.ts';
import { SemelError } from './errors.ts';
import type { CommitOptions, Store, Verdict, Work } from './store.ts';

type Fate = Awaited<ReturnType<Store['resolve']>>;

const options: CommitOptions = { unit: 'unit-1', onFailure: () => undefined };
const delivery: Delivery = { topic: 'orders', content: { bytes: new Uint8Array() }, receipt: { kind: 'external' }, attempt: 1 };
const consuming: Work = { items: [{ delivery, receipt: delivery.receipt }], run: async () => [{ ok: true }] };
const business: Work = { items: [], run: async () => [] };

/** A store whose first COMMIT gets no reply, and which says of its fate what it is told to; `unresolvable` answers come first. */
function bench(fate: Fate, unresolvable = 0, unit = 'unit-1') {
  const runtime = manualRuntime();
  const units: string[] = [];
  let asked = 0;
  const store = {
    commit: async (works: readonly Work[], options: CommitOptions): Promise<readonly Verdict[]> => {
      units.push(options.unit);
      if (units.length === 1) throw new SemelError('commit-unknown', 'no reply', { details: unit === options.unit ? {} : { unit } });
      return works.flatMap(({ items }) => items.map(() => ({ kind: 'duplicate' as const })));
    },
    resolve: async (of: string): Promise<Fate> => {
      expect(of).toBe(unit);
      if (++asked > unresolvable) return fate;
      throw new Error('no connection');
    },
  };
  return { runtime, units, commit: (work: Work) => passing(runtime, commitResolved(store as unknown as Store, [work], options, runtime)) };
}

/** Lets time pass until the promise settles. */
async function passing<Result>(runtime: ManualRuntime, promise: Promise<Result>): Promise<Result> {
  const settled = Promise.allSettled([promise]);
  await runtime.advance(60_000);
  await settled;
  return promise;
}

describe('trap 19: a business transaction whose reply was lost', () => {
  test('succeeds where it was committed, and is not run again', async () => {
    const { commit, units } = bench('committed');
    expect(await commit(business)).toEqual([]);
    expect(units).toEqual(['unit-1']);
  });

  test('may be tried again where it was aborted', async () => {
    const { commit, units } = bench('aborted');
    await expect(commit(business)).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(units).toEqual(['unit-1']);
  });

  test('trap 50: says that nobody knows where its fate stays open', async () => {
    const { commit, units } = bench('unknown');
    await expect(commit(business)).rejects.toMatchObject({ code: 'commit-unknown' });
    expect(units).toEqual(['unit-1']);
  });
});

describe('trap 19: messages whose reply was lost', () => {
  test.each<[Fate, Verdict['kind'], readonly string[]]>([
    ['committed', 'duplicate', ['unit-1', 'unit-1r']],
    ['aborted', 'released', ['unit-1']],
    ['unknown', 'unknown', ['unit-1']],
  ])('(%s) are %s', async (fate, kind, expected) => {
    const { commit, units } = bench(fate);
    expect(await commit(consuming)).toEqual([{ kind }]);
    expect(units).toEqual(expected);
  });

  test('are asked for until there is an answer', async () => {
    const { commit } = bench('committed', 3);
    expect(await commit(consuming)).toEqual([{ kind: 'duplicate' }]);
  });
});

test('trap 50: of a group that was halved the half that got no reply is asked for', async () => {
  const { commit, units } = bench('committed', 0, 'unit-1.1');
  expect(await commit(consuming)).toEqual([{ kind: 'duplicate' }]);
  expect(units).toEqual(['unit-1', 'unit-1r']);
});
