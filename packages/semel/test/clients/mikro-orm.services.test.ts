import { MikroORM, type SqlEntityManager } from '@mikro-orm/postgresql';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { describeWith } from '../services/describe-with.ts';
import { ClientBench, codeOf, NOTHING } from './client-bench.ts';
import { clientSuite } from './client-suite.ts';
import { Sales } from './libraries/mikro-orm.ts';
import { Shop, sale } from './shop.ts';

const MODULE = new URL('./libraries/mikro-orm.ts', import.meta.url);

clientSuite('mikro-orm', MODULE);

describeWith('postgres', 'what is peculiar to MikroORM', () => {
  let bench: ClientBench;
  let shop: Shop;
  const transaction = (body: (tx: SqlEntityManager) => Promise<unknown>) => shop.semel.transaction(({ tx }) => body(tx as SqlEntityManager));
  const written = { ...NOTHING, effect: 1 };

  beforeAll(async () => {
    bench = await ClientBench.open(MODULE);
    shop = Shop.handling(bench.client.store, () => {});
  });
  afterAll(() => bench?.close());

  test('what a handler persists is flushed when it is through; where that fails, its message fails alone', async () => {
    await transaction((tx) => tx.insert(Sales, sale('flushed 2')));
    const handling = Shop.handling(bench.client.store, (context) => {
      const tx = context.tx as SqlEntityManager;
      tx.persist(tx.create(Sales, { ...context.message.data }));
    });
    expect(await handling.process('flushed 1', 'flushed 2', 'flushed 3')).toEqual(['done', 'retry', 'done']);
    for (const id of ['flushed 1', 'flushed 3']) expect(await bench.trace(id)).toEqual({ ...written, record: 1 });
    expect(await bench.trace('flushed 2')).toEqual(written);
  });

  test('begin, commit and rollback are refused, and do no harm', async () => {
    await transaction(async (tx) => {
      for (const refused of [() => tx.begin(), () => tx.commit(), () => tx.rollback()]) expect(await codeOf((async () => refused())())).toBe('transaction-control');
      await tx.insert(Sales, sale('kept'));
      expect(await bench.trace('kept')).toEqual(NOTHING);
    });
    expect(await bench.trace('kept')).toEqual(written);
  });

  test('its schema generator leaves Semel’s tables alone where it is told to, and drops them where it is not', async () => {
    const updateWith = async (ignoreSchema: string[]) => {
      const orm = await MikroORM.init({ clientUrl: bench.url, entities: [Sales], schemaGenerator: { ignoreSchema } });
      return orm.schema.getUpdateSchemaSQL().finally(() => orm.close());
    };
    expect(await updateWith(['semel'])).not.toMatch(/semel/);
    expect(await updateWith([])).toMatch(/drop table if exists "semel"."inbox"/);
  });

  test('its Kysely, its query builder, its raw SQL and its streams see what the handler wrote', async () => {
    await transaction(async (tx) => {
      await tx.insert(Sales, sale('seen'));
      const streamed: unknown[] = [];
      for await (const { id } of tx.stream(Sales, { where: { id: 'seen' } })) streamed.push({ id });
      const seen = [
        await tx
          .getKysely()
          .selectFrom('sales' as never)
          .select('id' as never)
          .where('id' as never, '=', 'seen' as never)
          .execute(),
        await tx.qb(Sales).select('id').where({ id: 'seen' }).execute(),
        await tx.execute('select id from sales where id = ?', ['seen']),
        streamed,
      ];
      expect(seen).toEqual(seen.map(() => [{ id: 'seen' }]));
    });
  });
});
