/** A worker process of one column: `worker.ts <mode> <folder> <ledger>`. It works until its parent disconnects, or is gone. */
import { flushCompileCache } from 'node:module';
import { join } from 'node:path';
import { Broker } from './broker.ts';
import { CrashPlan } from './crash-plan.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import type { Mode } from './mode.ts';
import { acknowledgeAfter, acknowledgeFirst } from './naive-workers.ts';

const GRACE_MS = 5000;

const stopping = new AbortController();
process.once('disconnect', () => {
  stopping.abort();
  setTimeout(() => process.exit(1), GRACE_MS).unref();
});
if (!process.connected) stopping.abort();

const [mode, folder, address] = process.argv.slice(2) as [Mode, string, string];
const naive = { 'acknowledge-first': acknowledgeFirst, 'acknowledge-after': acknowledgeAfter };
const run = mode === 'semel' ? (await import('./semel-worker.ts')).semelWorker : naive[mode]; // the naive loops need not wait for Semel to load
const ledger = await ledgerOf(address);
flushCompileCache(); // now: most of these processes have no later

await run({ broker: new Broker(join(folder, 'broker.db')), ledger, crashes: new CrashPlan(folder), stop: stopping.signal });
await ledger.close();
