import 'reflect-metadata';
import { fromTypeorm, type PostgresOptions } from 'semel/postgres';
import { DataSource, type EntityManager, EntitySchema } from 'typeorm';
import type { Sale, TestClient } from '../client.ts';

const Sales = new EntitySchema<Sale>({ name: 'Sale', tableName: 'sales', columns: { id: { type: 'text', primary: true }, customer: { type: 'text' } } });

/** TypeORM, with an entity. */
export async function open(url: string, options?: PostgresOptions): Promise<TestClient<EntityManager>> {
  const source = new DataSource({ type: 'postgres', url, entities: [Sales], logging: false, poolErrorHandler: () => {} });
  await source.initialize();
  return {
    store: fromTypeorm(source, options),
    sizeOption: 'poolSize',
    insert: (tx, sale) => tx.insert(Sales, sale),
    customerOf: async (tx, id) => (await tx.findOneBy(Sales, { id }))?.customer,
    run: (tx, sql) => tx.query(sql),
    transaction: (body) => source.transaction(body),
    nested: (tx, body) => tx.transaction(body),
    close: () => source.destroy(),
  };
}
