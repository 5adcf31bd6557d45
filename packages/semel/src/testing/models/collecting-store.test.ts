import { describe, expect, test } from 'vitest';
import type { Scope } from '../../core/store.ts';
import { deliveryOf, kindsOf, messageOf, StoreBench } from '../store-suite/store-bench.ts';
import { type CollectingStore, collecting } from './collecting-store.ts';
import type { CollectingTransaction } from './collecting-transaction.ts';

const messages = ['a', 'b', 'c'].map((id) => messageOf(id));
const deliveries = messages.map((message) => deliveryOf(message));

async function benchOf(maxWritesPerTransaction = 25): Promise<{ readonly bench: StoreBench; readonly store: CollectingStore }> {
  const store = collecting({ maxWritesPerTransaction });
  const bench = await StoreBench.open({
    store,
    effects: { write: (tx, key) => (tx as CollectingTransaction).put(key, true), list: async () => [...store.state.values.keys()] },
    another: () => collecting({ state: store.state, maxWritesPerTransaction }),
    close: async () => {},
  });
  await bench.join('pay', { kind: 'remote' });
  return { bench, store };
}

/** A handler that adds one to a shared counter, under the condition that nobody else has. */
function count({ tx }: Scope): void {
  const table = tx as CollectingTransaction;
  const before = table.get('count');
  table.put('count', Number(before ?? 0) + 1, before === undefined ? { absent: true } : { equals: before });
}

describe('collecting', () => {
  test('answers a read with what was committed last, and refuses one of what the transaction itself writes', async () => {
    const { bench } = await benchOf();
    await bench.transact(async ({ tx }) => (tx as CollectingTransaction).put('x', 1));
    await bench.transact(async ({ tx }) => {
      const table = tx as CollectingTransaction;
      expect(table.get('x')).toBe(1);
      table.put('x', 2);
      expect(() => table.get('x')).toThrow(expect.objectContaining({ code: 'not-interactive' }));
    });
  });

  test('a condition that fails fails its own work alone; the rest is packed again, and not run again', async () => {
    const { bench, store } = await benchOf();
    let runs = 0;
    const run = (scope: Scope) => {
      runs += 1;
      count(scope);
    };
    const verdicts = await bench.handle('pay', deliveries, { run });
    expect(kindsOf(verdicts)).toEqual(['done', 'failed', 'failed']);
    expect(verdicts[1]).toMatchObject({ error: { code: 'condition-failed', details: { key: 'count' } } });
    expect([runs, store.state.values.get('count'), await bench.effects()]).toEqual([3, 1, ['count', 'pay/a']]);
    expect(kindsOf(await bench.handle('pay', deliveries, { run: count }))).toEqual(['duplicate', 'done', 'failed']);
    expect(store.state.values.get('count')).toBe(2);
  });

  test('the commit is the judge: what another worker has handled meanwhile is a duplicate, and its effect is not made', async () => {
    const { bench, store } = await benchOf();
    const other = await bench.another();
    let raced = false;
    const verdicts = await bench.handle('pay', deliveries, {
      run: async () => {
        if (raced) return;
        raced = true;
        await bench.handle('pay', deliveries.slice(0, 2), { store: other, run: ({ tx }) => (tx as CollectingTransaction).put('by', 'other') });
      },
    });
    expect(kindsOf(verdicts)).toEqual(['duplicate', 'duplicate', 'done']);
    expect(store.state.values.get('by')).toBe('other');
  });

  test('trap 11: the commit is the judge: a lease that was lost meanwhile is lost, and its effect is not made', async () => {
    const { bench } = await benchOf();
    await bench.join('local');
    await bench.publish(messages.slice(0, 2));
    const leased = await bench.lease('local', 10, 1_000);
    const verdicts = await bench.handle('local', leased, {
      run: async (_, { message }) => {
        if (message?.id !== 'a') return;
        await bench.runtime.advance(1_001);
        await bench.lease('local');
      },
    });
    expect(kindsOf(verdicts)[0]).toBe('lost');
    expect(await bench.effects()).not.toContain('local/a');
  });

  test('packs works into transactions of at most so many writes, in order', async () => {
    const { bench } = await benchOf(4);
    const committed: string[] = [];
    bench.lifecycle.observe(async ({ type }) => {
      if (type === 'committed') committed.push((await bench.effects()).join(' '));
    });
    expect(kindsOf(await bench.handle('pay', deliveries))).toEqual(['done', 'done', 'done']);
    expect(committed).toEqual(['pay/a pay/b', 'pay/a pay/b pay/c']);
  });

  test('names the counts of a work that is too large, and rejects a business transaction with them', async () => {
    const { bench } = await benchOf(3);
    const large = bench.transact(async (scope) => {
      for (let index = 0; index < 3; index++) await bench.effect(scope, `x${index}`);
      await scope.stage(messageOf('m'));
    });
    await expect(large).rejects.toMatchObject({ code: 'too-large', details: { effects: 3, messages: 1, records: 0, max: 3 } });
    expect(await bench.effects()).toEqual([]);
  });
});
