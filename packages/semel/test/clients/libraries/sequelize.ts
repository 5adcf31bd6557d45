import { fromSequelize, type PostgresOptions } from 'semel/postgres';
import { DataTypes, Sequelize, type Transaction } from 'sequelize';
import type { TestClient } from '../client.ts';

/** Sequelize, with a model. */
export function open(url: string, options?: PostgresOptions): TestClient<Transaction> {
  const sequelize = new Sequelize(url, { dialect: 'postgres', logging: false, pool: { max: 10 } });
  const Sale = sequelize.define('Sale', { id: { type: DataTypes.TEXT, primaryKey: true }, customer: DataTypes.TEXT }, { tableName: 'sales', timestamps: false });
  return {
    store: fromSequelize(sequelize, options),
    sizeOption: 'pool.max',
    insert: (transaction, sale) => Sale.create({ ...sale }, { transaction }),
    customerOf: async (transaction, id) => (await Sale.findByPk(id, { transaction }))?.get('customer') as string | undefined,
    run: (transaction, sql) => sequelize.query(sql, { transaction }),
    transaction: (body) => sequelize.transaction(body),
    nested: (transaction, body) => sequelize.transaction({ transaction }, body),
    close: () => sequelize.close(),
  };
}
