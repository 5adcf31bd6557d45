/**
 * A process of the crash suite: `worker.ts <role> <store> <dir> [<boundary>#<count>[#<signal>#<consumer>]]`. It sends itself the signal
 * (SIGKILL, unless it says another) when the lifecycle event comes for the count-th time, of that consumer or of any, and otherwise works until its parent
 * is gone.
 */
import { appendFileSync } from 'node:fs';
import type { LifecycleEvent, Semel } from 'semel';
import type { Reached } from './crew.ts';
import { ledgerOf } from './ledgers/ledger-of.ts';
import { placeOrders } from './place-orders.ts';
import { billing, filesOf, fragile, shop } from './services.ts';

const [role, store, dir, at] = process.argv.slice(2) as ['shop' | 'publisher' | 'billing' | 'fragile', string, string, string | undefined];
process.on('disconnect', () => process.exit(0));

const services = { shop, publisher: shop, billing, fragile };
const ledger = ledgerOf(store, dir);
const semel = services[role](ledger, dir);
if (at !== undefined) signalSelfAt(semel, at);
if (role === 'publisher') {
  const told = (orderId: string) => appendFileSync(filesOf(dir).placed, `${orderId}\n`);
  await placeOrders(semel, ledger, Number(process.env['CRASH_MESSAGES']), process.env['CRASH_KILLER'] === 'yes', told);
  await semel.close();
  process.disconnect?.();
} else {
  const running = semel.start();
  process.on('message', async () => {
    await (await running).idle();
    process.send?.('idle');
  });
  await running;
  process.send?.('started');
}

function signalSelfAt(target: Semel, at: string): void {
  const [boundary, count, signal = 'SIGKILL', only] = at.split('#') as [string, string, string?, string?];
  let seen = 0;
  target.observe(({ type, consumer, messages = [] }: LifecycleEvent) => {
    if (type !== boundary || (only !== undefined && consumer !== only) || ++seen !== Number(count)) return;
    const reached: Reached = { who: `${role}:${boundary}#${count}`, pid: process.pid, messages: messages.map(({ id }) => id) };
    appendFileSync(filesOf(dir).reached, `${JSON.stringify(reached)}\n`);
    process.kill(process.pid, signal);
    return signal === 'SIGKILL' ? new Promise(() => {}) : undefined; // nothing more happens, even where the signal takes a moment
  });
}
