import { describe, expect, test } from 'vitest';
import { Lifecycle } from '../../core/lifecycle.ts';
import { manualRuntime } from '../manual-runtime.ts';
import { deliveryOf, kindsOf, messageOf, receiptsOf, StoreBench, step } from '../store-suite/store-bench.ts';
import type { CommitFault } from './memory-faults.ts';
import { type MemoryOptions, type MemoryStore, memory } from './memory-store.ts';
import type { MemoryTransaction } from './memory-transaction.ts';

const a = messageOf('a');
const b = messageOf('b');

async function benchOf(options: MemoryOptions = {}): Promise<{ readonly bench: StoreBench; readonly store: MemoryStore }> {
  const store = memory(options);
  const bench = await StoreBench.open({
    store,
    effects: { write: (tx, key) => (tx as MemoryTransaction).set(key, true), list: async () => [...(await store.values()).keys()] },
    another: () => memory({ state: store.state }),
    close: async () => {},
  });
  await bench.join('pay', { kind: 'remote' });
  return { bench, store };
}

describe('memory', () => {
  test('a handler reads its own writes, and those of its group before it', async () => {
    const { bench, store } = await benchOf();
    const seen: unknown[] = [];
    await bench.handle('pay', [deliveryOf(a), deliveryOf(b)], {
      run: ({ tx }) => {
        const table = tx as MemoryTransaction;
        seen.push(table.get('count'));
        table.set('count', Number(table.get('count') ?? 0) + 1);
        seen.push(table.entries('cou'), table.delete('nothing'));
      },
    });
    expect(seen).toEqual([undefined, [['count', 1]], false, 1, [['count', 2]], false]);
    expect((await store.values()).get('count')).toBe(2);
  });

  test('undoes writes, overwrites and deletions in reverse', async () => {
    const { bench, store } = await benchOf();
    await bench.transact(async ({ tx }) => (tx as MemoryTransaction).set('kept', 1));
    const undone = bench.transact(async ({ tx }) => {
      const table = tx as MemoryTransaction;
      table.set('kept', 2);
      table.delete('kept');
      table.set('kept', undefined);
      table.set('new', 1);
      throw new TypeError('no');
    });
    await expect(undone).rejects.toThrow(TypeError);
    expect([...(await store.values())]).toEqual([['kept', 1]]);
  });

  test.each<[CommitFault, 'committed' | 'aborted', readonly string[]]>([
    ['lose-reply', 'committed', ['pay/a']],
    ['lose-request', 'aborted', []],
  ])('trap 19: %s rejects with commit-unknown, and the unit turns out %s', async (fault, fate, effects) => {
    const { bench, store } = await benchOf({ faults: { commit: (unit) => (unit === 'lost' ? fault : undefined) } });
    await expect(bench.handle('pay', [deliveryOf(a)], { unit: 'lost' })).rejects.toMatchObject({ code: 'commit-unknown' });
    expect(await store.resolve('lost')).toBe(fate);
    expect(await bench.effects()).toEqual(effects);
    expect(kindsOf(await bench.handle('pay', [deliveryOf(a)]))).toEqual([fate === 'committed' ? 'duplicate' : 'done']);
  });

  test('trap 50: the fate of a unit can stay unknown for a while', async () => {
    let open = true;
    const { store } = await benchOf({ faults: { resolve: () => open } });
    expect(await store.resolve('any')).toBe('unknown');
    open = false;
    expect(await store.resolve('any')).toBe('aborted');
  });

  test('trap 47: finds the culprit of an error at the commit, and keeps the others', async () => {
    const { bench, store } = await benchOf({ faults: { commit: () => (store.state.values.has('pay/b') ? new Error('deferred constraint') : undefined) } });
    const verdicts = await bench.handle(
      'pay',
      ['x', 'b', 'y', 'z'].map((id) => deliveryOf(messageOf(id))),
    );
    expect(kindsOf(verdicts)).toEqual(['done', 'failed', 'done', 'done']);
    expect(await bench.effects()).toEqual(['pay/x', 'pay/y', 'pay/z']);
  });

  test('trap 50: the halves of a group are units of their own, and the fate of each is its own', async () => {
    const fates = new Map<string, 'committed' | 'aborted'>();
    const { bench, store } = await benchOf({
      faults: {
        commit: (unit) => {
          const harmed = store.state.values.has('pay/b');
          fates.set(unit, harmed ? 'aborted' : 'committed');
          return harmed ? new Error('deferred constraint') : undefined;
        },
      },
    });
    await bench.handle(
      'pay',
      ['x', 'b', 'y', 'z'].map((id) => deliveryOf(messageOf(id))),
      { unit: 'whole' },
    );
    expect(fates.get('whole')).toBe('aborted');
    for (const [unit, fate] of fates) expect([unit, await store.resolve(unit)]).toEqual([unit, fate]);
  });

  test('a crash undoes what is open, frees the data for others, and refuses every later use', async () => {
    const { bench, store } = await benchOf();
    const survivor = memory({ state: store.state });
    await survivor.open({ runtime: manualRuntime(), lifecycle: new Lifecycle() });
    const dying = bench.handle('pay', [deliveryOf(a)], { run: () => store.crash() });
    await expect(dying).rejects.toMatchObject({ code: 'store-closed' });
    await expect(bench.handle('pay', [deliveryOf(a)])).rejects.toMatchObject({ code: 'store-closed' });
    expect([...(await survivor.values())]).toEqual([]);
    expect(kindsOf(await bench.handle('pay', [deliveryOf(a)], { store: survivor }))).toEqual(['done']);
  });

  test('a transaction that never ends does not outlive the crash of its store', async () => {
    const { bench, store } = await benchOf();
    const survivor = memory({ state: store.state });
    await survivor.open({ runtime: manualRuntime(), lifecycle: new Lifecycle() });
    let begun = () => {};
    const running = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const run = () => {
      begun();
      return new Promise<void>(() => {});
    };
    const stuck = bench.handle('pay', [deliveryOf(a)], { run });
    await running;
    const waiting = bench.handle('pay', [deliveryOf(a)], { store: survivor });
    store.crash();
    expect(kindsOf(await waiting)).toEqual(['done']);
    expect(await Promise.race([stuck, 'still open'])).toBe('still open');
  });

  test('what a crashed store had leased stays leased until its time is over, whatever its loops still try', async () => {
    const { bench, store } = await benchOf();
    const survivor = await bench.another();
    await bench.join('local');
    await bench.publish([a]);
    const leased = await bench.lease('local', 1, 1_000);
    store.crash();
    await expect(bench.queue.release('local', receiptsOf(leased))).rejects.toMatchObject({ code: 'store-closed' });
    await expect(bench.queue.extend('local', receiptsOf(leased), 9_000)).rejects.toMatchObject({ code: 'store-closed' });
    expect(await survivor.queue?.lease('local', { max: 1, leaseMs: 1_000, suspects: true })).toEqual([]);
    await bench.runtime.advance(1_001);
    expect(await survivor.queue?.lease('local', { max: 1, leaseMs: 1_000, suspects: true })).toHaveLength(1);
  });

  test('trap 28: a position never passes what is given back, although a duplicate behind it is acknowledged', async () => {
    const { bench, store } = await benchOf();
    await bench.handle('pay', [deliveryOf(b)]);
    const [acquired] = (await store.positions?.acquire('pay', ['p'])) ?? [];
    const epoch = acquired?.epoch ?? 0;
    const deliveries = [deliveryOf(a, step('p', 0, epoch)), deliveryOf(b, step('p', 1, epoch))];
    expect(kindsOf(await bench.handle('pay', deliveries, { signal: AbortSignal.abort() }))).toEqual(['released', 'duplicate']);
    expect((await store.positions?.acquire('pay', ['p']))?.[0]?.position).toBeUndefined();
  });

  test('a cut undoes what is open, and the store works on', async () => {
    const { bench, store } = await benchOf();
    await expect(bench.handle('pay', [deliveryOf(a)], { run: () => store.cut() })).rejects.toMatchObject({ code: 'store-unavailable' });
    expect(await bench.effects()).toEqual([]);
    expect(kindsOf(await bench.handle('pay', [deliveryOf(a)]))).toEqual(['done']);
  });

  test('refuses an option that it does not know', () => {
    expect(() => memory({ stat: 1 } as never)).toThrow(/did you mean `state`/);
  });
});
