import type { Model, ModelStatic, Sequelize, Transaction } from 'sequelize';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { ClientBench, codeOf, NOTHING } from './client-bench.ts';
import { clientSuite } from './client-suite.ts';
import { Shop, sale } from './shop.ts';

const MODULE = new URL('./libraries/sequelize.ts', import.meta.url);

clientSuite('sequelize', MODULE);

describeWith('postgres', 'what is peculiar to Sequelize', () => {
  let bench: ClientBench;
  let shop: Shop;
  const transaction = (body: (tx: Transaction, Sale: ModelStatic<Model>) => Promise<unknown>) =>
    shop.semel.transaction(({ tx }) => body(tx as Transaction, (tx as { readonly sequelize: Sequelize }).sequelize.model('Sale')));

  beforeAll(async () => {
    bench = await ClientBench.open(MODULE);
    shop = Shop.handling(bench.client.store, () => {});
  });
  afterAll(() => bench?.close());

  test('commit, rollback and afterCommit are refused, and do no harm', async () => {
    await transaction(async (tx, Sale) => {
      await Sale.create({ ...sale('kept') }, { transaction: tx });
      for (const refused of [() => tx.commit(), () => tx.rollback(), () => tx.afterCommit(() => {})]) expect(await codeOf((async () => refused())())).toBe('transaction-control');
      expect(await bench.trace('kept')).toEqual(NOTHING);
    });
    expect(await bench.trace('kept')).toEqual({ ...NOTHING, effect: 1 });
  });

  test('findOrCreate, which runs several statements at once, is part of it', async () => {
    const findOrCreate = (id: string, then: () => void) =>
      transaction(async (tx, Sale) => {
        const made = await Sale.findOrCreate({ where: { id }, defaults: { ...sale(id) }, transaction: tx });
        const found = await Sale.findOrCreate({ where: { id }, defaults: { ...sale(id) }, transaction: tx });
        expect([made[1], found[1]]).toEqual([true, false]);
        then();
      });
    await findOrCreate('created', () => {});
    expect(await bench.trace('created')).toEqual({ ...NOTHING, effect: 1 });
    const undo = () => {
      throw new Error('undone');
    };
    await expect(findOrCreate('undone', undo)).rejects.toThrow('undone');
    expect(await bench.trace('undone')).toEqual(NOTHING);
  });
});
