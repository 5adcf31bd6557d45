import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { CUSTOMER } from './client.ts';
import { ClientBench, codeOf, EVERYTHING, NOTHING } from './client-bench.ts';
import { clientSuite } from './client-suite.ts';
import type { PrismaTx } from './libraries/prisma.ts';
import { Shop } from './shop.ts';

const MODULE = new URL('./libraries/prisma.ts', import.meta.url);

clientSuite('prisma', MODULE);

describeWith('postgres', 'what is peculiar to Prisma', () => {
  let bench: ClientBench;
  let shop: Shop;
  const create = (tx: PrismaTx, id: string) => tx.sale.create({ data: { id, customerId: CUSTOMER } });
  const transaction = (body: (tx: PrismaTx) => Promise<unknown>) => shop.semel.transaction(({ tx }) => body(tx as PrismaTx));

  beforeAll(async () => {
    bench = await ClientBench.open(MODULE);
    shop = Shop.handling(bench.client.store, () => {});
  });
  afterAll(() => bench?.close());

  test('a list of operations is refused: Prisma would commit it by itself', async () => {
    await transaction(async (tx) => {
      expect(await codeOf(tx.$transaction([create(tx, 'in a list')]))).toBe('transaction-control');
    });
    expect(await bench.trace('in a list')).toEqual(NOTHING);
  });

  test('raw SQL is looked at in each of its forms', async () => {
    await transaction(async (tx) => {
      expect(await codeOf(tx.$executeRaw`commit`)).toBe('transaction-control');
      expect(await codeOf(tx.$executeRawUnsafe('rollback'))).toBe('transaction-control');
    });
  });

  test('an operation runs once, when it is awaited, and so does a relation of its result', async () => {
    await transaction(async (tx) => {
      void create(tx, 'not awaited');
      const creation = create(tx, 'awaited');
      expect(await Promise.all([creation, creation, creation.finally(() => {})])).toHaveLength(3);
      expect(await tx.sale.findUnique({ where: { id: 'awaited' } }).customer()).toEqual({ id: CUSTOMER });
    });
    expect(await bench.trace('awaited')).toEqual({ ...NOTHING, effect: 1 });
    expect(await bench.trace('not awaited')).toEqual(NOTHING);
  });

  test("trap 48: what a handler began and did not wait for is its own, not its neighbour's", async () => {
    const handling = Shop.handling(bench.client.store, (context) => {
      if (context.message.id !== 'begun 1') return bench.sell(context);
      for (let write = 0; write < 2; write++) create(context.tx as PrismaTx, 'begun').catch(() => {});
      return undefined;
    });
    expect(await handling.process('begun 1', 'begun 2')).toEqual(['dead: transaction-ended', 'done']);
    expect(await bench.trace('begun')).toEqual(NOTHING);
    expect(await bench.trace('begun 2')).toEqual(EVERYTHING);
  });

  test('trap 48: a nested transaction that outlives its handler takes nothing of a neighbour with it', async () => {
    let abandoned: Promise<unknown> | undefined;
    const neighbour = Promise.withResolvers<void>();
    const handling = Shop.handling(bench.client.store, async (context) => {
      if (context.message.id !== 'outlived 1') return bench.sell(context).then(() => neighbour.resolve());
      const begun = Promise.withResolvers<void>();
      abandoned ??= codeOf(
        (context.tx as PrismaTx).$transaction(async (inner) => {
          await create(inner, 'abandoned');
          begun.resolve();
          await neighbour.promise;
          throw new Error('back to the savepoint');
        }),
      );
      await begun.promise;
    });
    expect(await handling.process('outlived 1', 'outlived 2')).toEqual(['dead: transaction-ended', 'done']);
    await abandoned;
    expect(await bench.trace('abandoned')).toEqual(NOTHING);
    expect(await bench.trace('outlived 2')).toEqual(EVERYTHING);
  });
});
