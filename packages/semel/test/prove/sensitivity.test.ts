import type { Consumer, Store, Work } from 'semel';
import type { MemoryStore } from 'semel/testing';
import { expect, test } from 'vitest';
import { memoryLedger } from './ledger.ts';
import { declaring, kindsOf, orders, prove, receipts } from './shop.ts';

/** What a broken store does with the works of a consumer; business transactions are left alone. */
type Breakage = (store: MemoryStore, works: readonly Work<never>[], options: Parameters<Store['commit']>[1]) => ReturnType<Store['commit']>;

const withoutClaims: Breakage = (store, works, options) =>
  store.commit(works.map(({ items, run }) => ({ items: items.map(({ claim: _claim, ...item }) => item), run })) as never, options);

/** Two transactions, in the order given. */
function inTwo(order: 'effect first' | 'record first'): Breakage {
  return async (store, works, options) => {
    const effect = async () => {
      for (const { items, run } of works)
        await store.commit([{ items: [], run: async (scope) => run(scope as never, items).then(() => []) }], { ...options, unit: `${options.unit}e` });
    };
    const record = () =>
      store.commit(
        works.map(({ items }) => ({ items, run: async () => items.map(() => ({ ok: true as const })) })),
        options,
      );
    if (order === 'effect first') await effect();
    const verdicts = await record();
    if (order === 'record first' && verdicts.some(({ kind }) => kind === 'done')) await effect();
    return verdicts;
  };
}

const BROKEN: readonly (readonly [what: string, breakage: Breakage, finds: readonly string[]])[] = [
  ['trap 17: forgets what was handled', withoutClaims, ['repeated-effect', 'wrong-record']],
  ['commits the effect, then the record', inTwo('effect first'), ['repeated-effect']],
  ['trap 16: records a message before it is handled', inTwo('record first'), ['lost-effect', 'lost-publish']],
];

const charging = (ledger: Awaited<ReturnType<typeof memoryLedger>>): Consumer =>
  declaring((semel) =>
    semel.consume(orders, { name: 'charge', publishes: [receipts] }, async ({ message, tx, publish }) => {
      await ledger.charge(tx as never, message.data.order, message.data.cents);
      await publish(receipts, { order: message.data.order });
    }),
  );

/** The proof must fail where the engine beneath is broken, or it proves nothing. */
test.each(BROKEN)('a store is found out that %s', async (_what, breakage, finds) => {
  await using ledger = await memoryLedger();
  const broken = () => {
    const store = ledger.store() as MemoryStore;
    const commit = store.commit.bind(store);
    const intact = Object.assign(Object.create(store), { commit }) as MemoryStore;
    const hasItems = (works: readonly Work<never>[]) => works.some(({ items }) => items.length > 0);
    store.commit = ((works, options) => (hasItems(works as never) ? breakage(intact, works as never, options) : commit(works, options))) as MemoryStore['commit'];
    return store;
  };
  const report = await prove(ledger as never, charging(ledger), { store: broken });
  expect(report.verdict).toBe('refuted');
  expect(kindsOf(report)).toEqual(expect.arrayContaining([...finds]));
});
