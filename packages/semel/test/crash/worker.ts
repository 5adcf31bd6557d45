/**
 * A process of the crash suite: `worker.ts <role> <store> <dir> [<boundary>#<count>]`. It kills itself with SIGKILL when the lifecycle event comes
 * for the count-th time, and otherwise works until its parent is gone.
 */
import { appendFileSync } from 'node:fs';
import type { LifecycleEvent, Semel } from 'semel';
import { ledgerOf } from './ledgers/ledger-of.ts';
import { placeOrders } from './place-orders.ts';
import { billing, filesOf, fragile, shop } from './services.ts';

const [role, store, dir, killAt] = process.argv.slice(2) as ['shop' | 'publisher' | 'billing' | 'fragile', string, string, string | undefined];
process.on('disconnect', () => process.exit(0));

const services = { shop, publisher: shop, billing, fragile };
const ledger = ledgerOf(store, dir);
const semel = services[role](ledger, dir);
if (killAt !== undefined) killSelfAt(semel, killAt);
if (role === 'publisher') {
  await placeOrders(semel, ledger, Number(process.env['CRASH_MESSAGES']), process.env['CRASH_KILLER'] === 'yes');
  await semel.close();
  process.disconnect?.();
} else {
  const running = await semel.start();
  process.send?.('started');
  process.on('message', async (message) => {
    if (message !== 'idle?') return;
    await running.idle();
    process.send?.('idle');
  });
}

function killSelfAt(target: Semel, at: string): void {
  const [boundary, count] = at.split('#') as [string, string];
  let seen = 0;
  target.observe(({ type }: LifecycleEvent) => {
    if (type !== boundary || ++seen !== Number(count)) return;
    appendFileSync(filesOf(dir).killed, `${role}:${at}\n`);
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {}); // nothing more happens, even where the signal takes a moment
  });
}
