/** A worker process of one column: `worker.ts <mode> <folder> <ledger> <broker>`. It works until its parent disconnects, or is gone. */
import { flushCompileCache } from 'node:module';
import { brokerOf } from './brokers/broker-of.ts';
import { CrashPlan } from './crash-plan.ts';
import { DeliveryLog } from './delivery-log.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import type { Mode } from './mode.ts';
import { NAIVE } from './naive-workers.ts';

const GRACE_MS = 15_000;

const stopping = new AbortController();
process.once('disconnect', () => {
  stopping.abort();
  setTimeout(() => process.exit(1), GRACE_MS).unref();
});
if (!process.connected) stopping.abort();

const [mode, folder, ledgerAddress, brokerAddress] = process.argv.slice(2) as [Mode, string, string, string];
const run = mode === 'semel' ? (await import('./semel-worker.ts')).semelWorker : NAIVE[mode]; // the naive loops need not wait for Semel to load
const [ledger, broker] = [await ledgerOf(ledgerAddress), await brokerOf(brokerAddress, mode)];
flushCompileCache(); // now: most of these processes have no later

await run({ broker, ledger, crashes: new CrashPlan(folder), deliveries: new DeliveryLog(folder), stop: stopping.signal });
await Promise.all([ledger.close(), broker.close()]);
