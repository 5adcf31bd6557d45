import { createSemel } from 'semel';
import { fromTypeorm } from 'semel/postgres';
import { DataSource, type EntityManager } from 'typeorm';
import { afterAll, beforeAll, expect, expectTypeOf, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { ClientBench, codeOf, NOTHING } from './client-bench.ts';
import { clientSuite } from './client-suite.ts';
import { Shop, sale } from './shop.ts';

const MODULE = new URL('./libraries/typeorm.ts', import.meta.url);

clientSuite('typeorm', MODULE);

describeWith('postgres', 'what is peculiar to TypeORM', () => {
  let bench: ClientBench;
  let shop: Shop;
  const transaction = (body: (tx: EntityManager) => Promise<unknown>) => shop.semel.transaction(({ tx }) => body(tx as EntityManager));

  beforeAll(async () => {
    bench = await ClientBench.open(MODULE);
    shop = Shop.handling(bench.client.store, () => {});
  });
  afterAll(() => bench?.close());

  test('save, which begins a transaction where there is none, is part of it', async () => {
    const save = (tx: EntityManager) => tx.save('Sale', [sale('saved 1'), sale('saved 2')]);
    await expect(transaction((tx) => save(tx).then(() => Promise.reject(new Error('undone'))))).rejects.toThrow('undone');
    expect(await bench.trace('saved 1')).toEqual(NOTHING);
    await transaction(save);
    expect(await bench.trace('saved 2')).toEqual({ ...NOTHING, effect: 1 });
  });

  test('its query runner neither commits nor rolls back, and is released in vain', async () => {
    await transaction(async (tx) => {
      await tx.insert('Sale', sale('kept'));
      expect(await codeOf(tx.queryRunner?.commitTransaction() as Promise<void>)).toBe('transaction-control');
      expect(await codeOf(tx.queryRunner?.rollbackTransaction() as Promise<void>)).toBe('transaction-control');
      await tx.queryRunner?.release();
      expect(await bench.trace('kept')).toEqual(NOTHING);
    });
    expect(await bench.trace('kept')).toEqual({ ...NOTHING, effect: 1 });
  });

  test('a data source that is not initialized is refused when the engine opens', async () => {
    const source = new DataSource({ type: 'postgres', url: bench.url });
    expect(await codeOf(createSemel({ name: 'shop', store: fromTypeorm(source) }).open())).toBe('store-unavailable');
  });
});

test('tx is the EntityManager', () => {
  const semel = createSemel({ name: 'shop', store: fromTypeorm(new DataSource({ type: 'postgres' })) });
  expectTypeOf(semel.transaction<void>)
    .parameter(0)
    .parameter(0)
    .toHaveProperty('tx')
    .toEqualTypeOf<EntityManager>();
});
