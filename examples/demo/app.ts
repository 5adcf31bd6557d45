/**
 * The service of the demo's workers, on files that are never opened: `npx semel explain examples/demo/app.ts` tells what it rests on, `npx semel prove examples/demo/app.ts`
 * kills processes that run its handler.
 */
import { join } from 'node:path';
import { createSemel, type Semel } from 'semel';
import type { ProveOptions } from 'semel/prove';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { Broker } from './broker.ts';
import { brokerTransport } from './broker-transport.ts';
import { sqliteLedger } from './ledgers/sqlite.ts';
import { payments } from './payments.ts';
import { consumePayments } from './semel-worker.ts';

/** What `semel-worker.ts` starts. */
export const semel: Semel<SqliteTransaction> = createSemel({
  name: 'shop',
  store: sqlite('ledger.db'),
  routes: { payments: brokerTransport(new Broker(':memory:')) },
});

/** What `semel prove` takes. */
export const proof: ProveOptions<SqliteTransaction> = {
  store: ({ folder }) => sqlite(join(folder, 'ledger.db')),
  consumer: consumePayments(semel, sqliteLedger(':memory:') as never),
  messages: payments(3),
  prepare: (db) => db.exec('drop table if exists charges; create table charges (payment text not null, cents integer not null) strict'),
  effect: (db) => db.prepare('select payment, cents from charges').all(),
};
