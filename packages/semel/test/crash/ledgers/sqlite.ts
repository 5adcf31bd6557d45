import { join } from 'node:path';
import { DatabaseSync } from 'node:sqlite';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import type { Ledger, Service } from '../ledger.ts';

const EFFECTS = 'position integer primary key autoincrement, order_id text not null, customer_id text not null, number integer not null';

/** Messages that are in a queue, and those that a subscription has not yet taken into its own. */
const LEFT_OVER = `select (select count(*) from {semel}queue) + (select count(*) from {semel}subscriptions s join {semel}messages m
  on m.topic = s.topic and m.seq > s.taken_seq and m.parked = 0 where s.kind <> 'remote') as n`;

/** A file for each service. */
export function sqliteLedger(dir: string): Ledger<SqliteTransaction> {
  const fileOf = (service: Service) => join(dir, `${service}.db`);
  return {
    store: (service) => sqlite(fileOf(service), { synchronous: process.env['CRASH_SYNCHRONOUS'] === 'NORMAL' ? 'NORMAL' : 'FULL' }),
    makeTables: async (service, tables) => {
      const db = new DatabaseSync(fileOf(service));
      db.exec(`pragma journal_mode = wal; ${tables.map((table) => `create table ${table} (${EFFECTS}) strict;`).join('')}`);
      db.close();
    },
    write: async (tx, table, { orderId, customerId, number }) => {
      tx.prepare(`insert into ${table} (order_id, customer_id, number) values (?, ?, ?)`).run(orderId, customerId, number);
    },
    ids: async (tx, table) =>
      tx
        .prepare(`select order_id from ${table}`)
        .all()
        .map((row) => String(row['order_id'])),
    read: async (service) => {
      const db = new DatabaseSync(fileOf(service), { readOnly: true });
      const all = async <Row>(sql: string) => db.prepare(sql.replaceAll('{semel}', 'semel_')).all() as Row[];
      return { all, leftOver: LEFT_OVER, close: async () => db.close() };
    },
  };
}
