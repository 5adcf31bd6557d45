import { defineEntity, MikroORM, p, type SqlEntityManager } from '@mikro-orm/postgresql';
import { fromMikroOrm, type PostgresOptions } from 'semel/postgres';
import type { TestClient } from '../client.ts';

/** The table `sales`. */
export const Sales = defineEntity({ name: 'Sale', tableName: 'sales', properties: { id: p.text().primary(), customer: p.text() } });

/** MikroORM, with an entity. */
export async function open(url: string, options?: PostgresOptions): Promise<TestClient<SqlEntityManager>> {
  const orm = await MikroORM.init({ clientUrl: url, entities: [Sales], pool: { max: 10 } });
  return {
    store: fromMikroOrm(orm, options),
    sizeOption: 'pool.max',
    insert: (tx, sale) => tx.insert(Sales, sale),
    customerOf: async (tx, id) => (await tx.findOne(Sales, { id }))?.customer,
    run: (tx, sql) => tx.execute(sql),
    transaction: (body) => orm.em.fork().transactional(body),
    nested: (tx, body) => tx.transactional(body),
    close: () => orm.close(),
  };
}
