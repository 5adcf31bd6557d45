/** The service of the demo's workers, on files that are never opened: `npx semel explain examples/demo/app.ts` tells what it rests on. */
import { createSemel, type Semel } from 'semel';
import { type SqliteTransaction, sqlite } from 'semel/sqlite';
import { Broker } from './broker.ts';
import { brokerTransport } from './broker-transport.ts';
import { sqliteLedger } from './ledgers/sqlite.ts';
import { consumePayments } from './semel-worker.ts';

/** What `semel-worker.ts` starts. */
export const semel: Semel<SqliteTransaction> = createSemel({
  name: 'shop',
  store: sqlite('ledger.db'),
  routes: { payments: brokerTransport(new Broker(':memory:')) },
});

consumePayments(semel, sqliteLedger(':memory:') as never);
