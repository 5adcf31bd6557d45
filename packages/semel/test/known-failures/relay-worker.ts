/**
 * `relay-worker.ts <kind> <outbox> <broker> <file of charges> <where to die>`: relays an outbox to a consumer that charges what arrives, then ends. Made by hand the broker
 * is the consumer itself: what is published is charged at once.
 */
import { DatabaseSync } from 'node:sqlite';
import { createSemel, type StandardSchema, type Transport, topic } from 'semel';
import { peer } from 'semel/peer';
import { sqlite } from 'semel/sqlite';

const schema: StandardSchema<{ readonly id: string }> = { '~standard': { version: 1, vendor: 'semel-test', validate: (value) => ({ value: value as { readonly id: string } }) } };
/** What goes through the outbox. */
export const orders = topic('payments', { schema, id: ({ id }) => id });

/** The route: another service's store. */
export function billing(path: string): Transport {
  return peer(sqlite(path), { name: 'billing' });
}

const [kind, outbox, broker, file, dieAt] = process.argv.slice(2) as [string, string, string, string, string];
if (process.argv[1] === import.meta.filename) {
  await (kind === 'semel' ? relaySemel() : relayByHand(kind === 'remove-first'));
  process.exit(0);
}

/** Dies in the middle of its work. */
function relayByHand(removesFirst: boolean): void {
  const db = new DatabaseSync(outbox);
  const charges = new DatabaseSync(file);
  const rows = db.prepare('select id, payment from outbox order by id').all();
  for (const [index, { id = null, payment = null }] of rows.entries()) {
    const steps = [() => db.prepare('delete from outbox where id = ?').run(id), () => charges.prepare('insert into charges values (?)').run(payment)];
    const [first, second] = removesFirst ? steps : steps.reverse();
    first?.();
    if (dieAt === 'between' && index === 10) process.kill(process.pid, 'SIGKILL');
    second?.();
  }
}

async function relaySemel(): Promise<void> {
  const shop = createSemel({ name: 'shop', store: sqlite(outbox), routes: { payments: billing(broker) }, relay: { max: 5, leaseMs: 500 } });
  shop.observe(({ type }) => {
    if (type !== dieAt) return;
    process.kill(process.pid, 'SIGKILL');
    return new Promise(() => {});
  });
  const consuming = createSemel({ name: 'billing', store: sqlite(file), routes: { payments: peer(sqlite(broker)) } });
  consuming.consume(orders, { name: 'charge', leaseMs: 500, timeoutMs: 400 }, ({ message, tx }) => void tx.prepare('insert into charges values (?)').run(message.data.id));
  const running = [await consuming.start(), await shop.start()];
  for (const each of running.toReversed()) await each.idle();
  await running[0]?.idle();
  for (const each of running) await each.stop();
}
